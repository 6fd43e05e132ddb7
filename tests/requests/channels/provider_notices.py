"""Notices of those who keep mailboxes or send mail for others, and what is no bounce.

How to read: bounce_notices.py.
"""

# ruff: noqa: E501 - lines are as mail servers write them

PROVIDER_NOTICES = """
== gmail
dead | Mail Delivery Subsystem <mailer-daemon@googlemail.example> | Delivery Status Notification (Failure)
Delivery to the following recipient failed permanently:

     awa@tenant.example

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the recipient domain. The error that the other server returned was: 550 550 5.1.1 <awa@tenant.example>: Email address could not be found, or was misspelled (state 14).
== gmail fr
dead | Mail Delivery Subsystem <mailer-daemon@googlemail.example> | Delivery Status Notification (Failure)
Adresse introuvable

Votre message n'est pas parvenu à awa@tenant.example, car l'adresse est introuvable ou ne peut pas recevoir d'e-mails.
== gmail over quota
full | Mail Delivery Subsystem <mailer-daemon@googlemail.example> | Delivery Status Notification (Failure)
Boîte de réception du destinataire pleine

La réponse était : 552 5.2.2 The email account that you tried to reach is over quota.
== gmail unauthenticated
reputation | Mail Delivery Subsystem <mailer-daemon@googlemail.example> | Delivery Status Notification (Failure)
Message blocked
Your message to awa@gmail.example has been blocked. The response was: 550-5.7.26 This mail is unauthenticated, which poses a security risk to the sender and Gmail users.
== gmx
dead | Mail Delivery System <mailer-daemon@gmx.example> | Mail delivery failed: returning message to sender
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error. The following address failed:

"awa@tenant.example":
5.1.1 <awa@tenant.example>... User Unknown
== kundenserver
dead | Mail Delivery System <mailer-daemon@provider.example> | Mailzustellung fehlgeschlagen
Diese Nachricht wurde automatisch erstellt. Ihre Nachricht konnte nicht zugestellt werden:
awa@tenant.example: Empfänger unbekannt
== yahoo
dead | MAILER-DAEMON@yahoo.example | Failure Notice
Sorry, we were unable to deliver your message to the following address.

<awa@tenant.example>:
Remote host said:
550 5.1.1 <awa@tenant.example>... User Unknown
 [RCPT_TO]
== aol
dead | Mail Delivery System <MAILER-DAEMON@aol.example> | Undelivered Mail Returned to Sender
<awa@tenant.example>: host mx.tenant.example said: 550 5.1.1 No such user (in reply to RCPT TO command)
== zoho
dead | mailer-daemon@mail.zoho.example | Undelivered Mail Returned to Sender
This message was created automatically by mail delivery software.
A message that you sent could not be delivered to one or more of its recipients. This is a permanent error.

awa@tenant.example Invalid Address, ERROR_CODE :550, ERROR_CODE :5.1.1 <awa@tenant.example>... User Unknown
== yandex
dead | mailer-daemon@yandex.example | Недоставленное сообщение
Это письмо отправлено почтовым сервером yandex.example.
К сожалению, мы вынуждены сообщить Вам о том, что Ваше письмо не может быть отправлено одному или нескольким адресатам.
<awa@tenant.example>: host mx.tenant.example[192.0.2.7] said: 550 5.1.1 User unknown (in reply to RCPT TO command)
== mail.ru
dead | Mail Delivery Subsystem <mailer-daemon@corp.example> | Mail failure.
A message that you sent could not be delivered to one or more of its recipients.
  awa@tenant.example
    Unrouteable address
== orange
reputation | MAILER-DAEMON@smtp.orange.example | Undelivered Mail Returned to Sender
<awa@wanadoo.example>: host smtp-in.orange.example said: 554 5.7.1 Service refused, please try later. service refuse, veuillez essayer plus tard. OFR_506 [506]
== orange spam
reputation | MAILER-DAEMON@smtp.orange.example | Undelivered Mail Returned to Sender
<awa@orange.example>: host smtp-in.orange.example said: 550 5.7.1 Mail rejete. Mail rejected. spamdetected OFR_518 [518] (in reply to end of DATA command)
== orange unknown
dead | MAILER-DAEMON@smtp.orange.example | Undelivered Mail Returned to Sender
<awa@orange.example>: host smtp-in.orange.example said: 550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_416 [416] (in reply to RCPT TO command)
== free
dead | MAILER-DAEMON@smtp.free.example | Undelivered Mail Returned to Sender
<awa@free.example>: host mx1.free.example said: 550 5.2.1 This mailbox has been blocked due to inactivity - user unknown (in reply to RCPT TO command)
== free busy
reputation | MAILER-DAEMON@smtp.free.example | Undelivered Mail Returned to Sender
<awa@free.example>: host mx1.free.example said: 421 Too many spams from your IP (192.0.2.7), please visit http://postmaster.free.example/
== la poste
reputation | MAILER-DAEMON@laposte.example | Undelivered Mail Returned to Sender
<awa@laposte.example>: host smtpz4.laposte.example said: 550 5.5.0 Service refuse. Veuillez essayer plus tard. service refused, please try later. LPN007_510
== sfr
dead | MAILER-DAEMON@sfr.example | Message non distribué
Votre message n'a pas pu être remis : <awa@sfr.example> adresse inconnue, utilisateur inconnu.
== bouygues
full | postmaster@bbox.example | Échec de remise
La boîte aux lettres du destinataire awa@bbox.example est pleine.
== biglobe
full | postmaster@biglobe.example | Returned mail: 
This is a MIME-encapsulated message.
   ----- The following addresses had delivery problems -----
<awa@biglobe.example>

   ----- Non-delivered information -----
The number of messages in recipient's mailbox exceeded the local limit: mailbox full
== ezweb
refused | <Postmaster@ezweb.example> | Mail System Error - Returned Mail
The user(s) account is temporarily over restricted.
<awa@ezweb.example>: 550 <awa@ezweb.example>: user rejected
== kddi
full | no-reply@app.au.example | 配信できませんでした
Your mail sent on: Tue, 24 Nov 2026 10:02:00 +0900
Could not be delivered to: awa@au.example
As their mailbox is full.
== docomo
refused | MAILER-DAEMON@docomo.example | Mail delivery failed
次の宛先に送信できませんでした。
<awa@docomo.example>: 550 Unknown user awa@docomo.example, following end of DATA
== vtext
dead | post_master@vtext.example | Undeliverable Message
Error: No valid recipients in this MM
From: palier@bailleur.example
To: 5550199@vtext.example
Message could not be delivered to mobile: recipient unknown
== vzwpix
dead | sysadmin@vzwpix.example | Undeliverable Message
Message could not be delivered to mobile.
Error: No valid recipients for this MM; user unknown
== facebook
refused | mailer-daemon@mx.facebook.example | Sorry, your message could not be delivered
This message was created automatically by Facebook.

Sorry, your message could not be delivered to the following person: awa@facebook.example. It was rejected by policy.
== google groups
refused | mailer-daemon@googlemail.example | Delivery Status Notification (Failure)
Hello palier@bailleur.example,

We're writing to let you know that the group you tried to contact (voisins) may not exist, or you may not have permission to post messages to the group: content restricted.
== spanish
dead | Mail Delivery System <mailer-daemon@es.example> | Correo devuelto: no se ha podido entregar
Su mensaje no ha podido ser entregado a awa@tenant.example: usuario desconocido
== italian
full | postmaster@it.example | Mancata consegna
Il messaggio non è stato recapitato: la casella di awa@tenant.example è piena
== portuguese
later | postmaster@pt.example | Mensagem não entregue
A sua mensagem não foi entregue. 451 4.4.1 tente mais tarde
== dutch
dead | postmaster@nl.example | Bericht niet bezorgd
Uw bericht is niet bezorgd: 550 5.1.1 gebruiker unknown user
== chinese
dead | PostMaster@qq.example | 系统退信/Systems bounce
抱歉，您的邮件被退回来了…… 无法发送到 awa@qq.example
550 Mailbox not found. 收件人邮件地址不存在
== japanese
dead | postmaster@jp.example | メール配信に失敗しました
宛先のユーザが見つかりません: awa@tenant.example
== sendgrid
dead | MAILER-DAEMON@sendgrid.example | Undelivered Mail Returned to Sender
Hello, this is the mail server on sendgrid.example.

I am sending you this message to inform you on the delivery status of a message you previously sent. Immediately below you will find a list of the affected recipients:
awa@tenant.example: 550 5.1.1 The email account that you tried to reach does not exist
== ses text
later | MAILER-DAEMON@amazonses.example | Delivery Status Notification (Failure)
An error occurred while trying to deliver the mail to the following recipients:
awa@tenant.example
== ses notification
dead | AWS Notifications <no-reply@sns.example> | AWS Notification Message
{"notificationType":"Bounce","bounce":{"bounceType":"Permanent","bounceSubType":"NoEmail","bouncedRecipients":[{"emailAddress":"awa@tenant.example","status":"5.1.1","diagnosticCode":"smtp; 550 5.1.1 user unknown"}]},"mail":{"messageId":"000"}}
== ses full
full | AWS Notifications <no-reply@sns.example> | AWS Notification Message
{"notificationType":"Bounce","bounce":{"bounceType":"Transient","bounceSubType":"MailboxFull","bouncedRecipients":[{"emailAddress":"awa@tenant.example"}]},"mail":{}}
== ses wrapped
later | AWS Notifications <no-reply@sns.example> | AWS Notification Message
{"Type":"Notification","Message":"{\\"notificationType\\":\\"Bounce\\",\\"bounce\\":{\\"bounceType\\":\\"Transient\\",\\"bounceSubType\\":\\"General\\",\\"bouncedRecipients\\":[{\\"emailAddress\\":\\"awa@tenant.example\\"}]}}"}
== ses complaint
complaint | AWS Notifications <no-reply@sns.example> | AWS Notification Message
{"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"awa@tenant.example"}]}}
== report in the text
dead | notices@gate.example | Delivery report
The mail below did not arrive.

Final-Recipient: rfc822; awa@tenant.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 user unknown
== failed recipients alone
dead | service@gate.example | Votre demande
X-Failed-Recipients: awa@tenant.example
no such user
== null path
later | gateway@gate.example | Mail delivery problem
Return-Path: <>
The delivery of your message has been delayed.
== a tenant asks about one
- | Awa <awa@tenant.example> | Re: Undelivered Mail Returned to Sender
Bonjour, j'ai reçu ceci : your message could not be delivered, 550 5.1.1 user unknown. Que faire ?
== a tenant forwards one
- | Awa <awa@tenant.example> | Tr : Message non remis
This is the mail system at host mx.example. I'm sorry to have to inform you that your message could not be delivered.
== a tenant complains of the post
- | Awa <awa@tenant.example> | Courrier non distribué
Le facteur ne distribue plus le courrier dans notre hall, adresse inconnue paraît-il.
== a tenant's parcel
- | info@voisin.example | Colis non livré
Mon colis n'a pas été livré parce que l'interphone est en panne.
== a contractor's delay
- | Ascenseurs <noreply@ascenseurs.example> | Retard de notre technicien
Notre technicien sera en retard de 20 minutes. La boîte de commande est pleine d'eau.
== a full mailbox of the hall
- | Awa <awa@tenant.example> | Boîte aux lettres pleine
Ma boîte aux lettres est pleine de publicités, la serrure est cassée.
== a vacation
- | Awa <awa@tenant.example> | Absence : Awa Traoré
Auto-Submitted: auto-replied
Je suis absente. Mon courrier ne sera pas distribué.
"""
