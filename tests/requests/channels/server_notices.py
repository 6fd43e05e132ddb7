"""Notices of mail servers and of the gateways before them; how to read: bounce_notices.py."""

# ruff: noqa: E501 - lines are as mail servers write them

SERVER_NOTICES = """
== postfix
dead | MAILER-DAEMON@mx.example (Mail Delivery System) | Undelivered Mail Returned to Sender
This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

                   The mail system

<awa@tenant.example>: host mx2.example[192.0.2.3] said: 550 5.1.1 <awa@tenant.example>:
    Recipient address rejected: User unknown in local recipient table (in reply
    to RCPT TO command)
== postfix delayed
delayed | MAILER-DAEMON@mx.example (Mail Delivery System) | Delayed Mail (still being retried)
This is the mail system at host mx.example.

# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE.

<awa@tenant.example>: connect to mx2.example[192.0.2.3]:25: Connection timed out
== postfix after data
refused | MAILER-DAEMON@mx.example | Undelivered Mail Returned to Sender
<awa@mobile.example>: host mx.mobile.example[192.0.2.9] said: 550 Unknown user awa@mobile.example (in reply to end of DATA command)
== postfix greeted
reputation | MAILER-DAEMON@mx.example | Undelivered Mail Returned to Sender
<awa@tenant.example>: host mx.tenant.example[192.0.2.9] refused to talk to me: 554 5.7.1 user unknown (in reply to MAIL FROM command)
== exim
dead | Mail Delivery System <Mailer-Daemon@host.example> | Mail delivery failed: returning message to sender
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  awa@tenant.example
    SMTP error from remote mail server after RCPT TO:<awa@tenant.example>:
    host mx.tenant.example [192.0.2.7]: 550 5.1.1 no such user here
== exim full
full | Mail Delivery System <Mailer-Daemon@host.example> | Mail delivery failed: returning message to sender
The following address(es) failed:

  awa@tenant.example
    (generated from contact@tenant.example)
    mailbox is full: retry timeout exceeded
== exim frozen
delayed | Mail Delivery System <Mailer-Daemon@host.example> | Warning: message 1abcd-0002 delayed 24 hours
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on host.example.
== sendmail
dead | Mail Delivery Subsystem <MAILER-DAEMON@host.example> | Returned mail: see transcript for details
The original message was received at Tue, 24 Nov 2026 10:02:00 +0100
from localhost [127.0.0.1]

   ----- The following addresses had permanent fatal errors -----
<awa@tenant.example>
    (reason: 550 5.1.1 <awa@tenant.example>... User Unknown)

   ----- Transcript of session follows -----
... while talking to mx.tenant.example.:
>>> RCPT To:<awa@tenant.example>
<<< 550 5.1.1 <awa@tenant.example>... User Unknown
550 5.1.1 <awa@tenant.example>... User unknown
== sendmail blocked
reputation | Mail Delivery Subsystem <MAILER-DAEMON@host.example> | Returned mail: Service unavailable
   ----- The following addresses had permanent fatal errors -----
<awa@orange.example>
   ----- Transcript of session follows -----
<<< 554 5.7.1 Service unavailable; Client host [192.0.2.7] blocked using a blocklist
== sendmail deferred
delayed | Mail Delivery Subsystem <MAILER-DAEMON@host.example> | Warning: could not send message for past 4 hours
    **********************************************
    **      THIS IS A WARNING MESSAGE ONLY      **
    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **
    **********************************************
   ----- The following addresses had transient non-fatal errors -----
<awa@tenant.example>
== qmail
dead | MAILER-DAEMON@host.example | failure notice
Hi. This is the qmail-send program at host.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<awa@tenant.example>:
Sorry, I couldn't find any host named tenant.example. (#5.1.2)
== qmail relay
refused | MAILER-DAEMON@host.example | failure notice
<awa@tenant.example>:
192.0.2.7 does not like recipient.
Remote host said: 553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)
== qmail disabled
refused | MAILER-DAEMON@host.example | failure notice
<awa@yahoo.example>:
192.0.2.7 failed after I sent the message.
Remote host said: 554 delivery error: dd Sorry your message to awa@yahoo.example cannot be delivered. This account has been disabled or discontinued [#102].
== courier
dead | "Courier mail server at host.example" <@host.example> | NOTICE: mail delivery status.
This is a delivery status notification from host.example,
running the Courier mail server.
The original message was received on Tue, 24 Nov 2026 10:02:00 +0100

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<awa@tenant.example>:
    mx.tenant.example [192.0.2.7]:
<<< 550 5.1.1 <awa@tenant.example>... User Unknown
== exchange 2003
dead | System Administrator <sysadmin@corp.example> | Undeliverable: Votre demande
Your message

  To:      awa@tenant.example
  Subject: Votre demande
  Sent:    Tue, 24 Nov 2026 10:02:00 +0100

did not reach the following recipient(s):

awa@tenant.example on Tue, 24 Nov 2026 10:02:00 +0100
    The recipient name is not recognized
	The MTS-ID of the original message is: c=fr
== exchange 2007
dead | <> | Undeliverable: Votre demande
Delivery has failed to these recipients or distribution lists:

awa@tenant.example
The recipient's e-mail address was not found in the recipient's e-mail system.

Diagnostic information for administrators:

Generating server: corp.example

awa@tenant.example
#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##
== exchange restricted
refused | Microsoft Exchange <postmaster@corp.example> | Undeliverable: Votre demande
Delivery has failed to these recipients or groups:

The e-mail address you entered couldn't accept your message: the mailbox only accepts messages from people in its organization.
#550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient ##
== exchange fr
dead | Microsoft Outlook <postmaster@corp.example> | Non remis : Votre demande
Échec de la remise pour ces destinataires ou groupes :

awa@tenant.example
L'adresse de messagerie que vous avez entrée est introuvable.
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup
== office 365
dead | postmaster@tenant.example | Undeliverable: Votre demande
mx.tenant.example rejected your message to the following email addresses:
awa@tenant.example
550 5.4.1 Recipient address rejected: Access denied. AS(201806281)
== office 365 banned
reputation | postmaster@tenant.example | Undeliverable: Votre demande
550 5.7.606 Access denied, banned sending IP [192.0.2.7]. To request removal from this list please visit https://sender.example/
== domino
dead | postmaster@corp.example | DELIVERY FAILURE: User awa (awa@tenant.example) not listed in Domino Directory
Your message

  Subject: Votre demande

was not delivered to:

  awa@tenant.example

because:

  User awa (awa@tenant.example) not listed in Domino Directory
== notes
dead | postmaster@notes.example | Undeliverable message
------- Failure Reasons  --------

User not listed in public Name & Address Book
awa@tenant.example

------- Returned Message --------
== oracle
dead | postmaster@im.example | Delivery Notification: Delivery has failed
This report relates to a message you sent with the following header fields:

  Message-id: <1@x.example>

Your message cannot be delivered to the following recipients:

  Recipient address: awa@tenant.example
  Reason: Remote SMTP server has rejected address
  Diagnostic code: smtp;550 5.1.1 unknown or illegal alias: awa@tenant.example
== messagelabs
dead | MAILER-DAEMON@messagelabs.example | Mail Delivery Failure
Mail from palier to awa@tenant.example failed.
550 5.1.1 <awa@tenant.example>: user unknown
== mimecast
refused | Mimecast Administrator <postmaster@mimecast.example> | [Postmaster] Email Delivery Failure
This is an email abuse-prevention notice: your message could not be delivered because it contains a virus.
== mcafee
dead | Mail Delivery Subsystem <postmaster@mcafee.example> | Delivery Status
Your email could not be delivered.
   --- The following addresses had delivery problems ---
<awa@tenant.example>   (User unknown awa@tenant.example)
== mailmarshal
dead | postmaster@corp.example | Undeliverable Mail: "Votre demande"
Your message:
   From:    palier@bailleur.example
   Subject: Votre demande
Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    awa@tenant.example
== mailfoundry
dead | postmaster@gate.example | Message delivery has failed
Unable to deliver message to: <awa@tenant.example>
Delivery failed for the following reason:
Server mx.tenant.example[192.0.2.7] failed with: 550 <awa@tenant.example> No such user here

This has been a permanent failure.  No further delivery attempts will be made.
== interscan
dead | InterScan MSS <noreply@gate.example> | Mail could not be delivered
>>> TO: awa@tenant.example
Sent >>> RCPT TO:<awa@tenant.example>
Received <<< 550 5.1.1 <awa@tenant.example>... user unknown
Unable to deliver message to <awa@tenant.example>
== surfcontrol
dead | Mail Server <no-reply@gate.example> | Message could not be delivered
Your message could not be sent.
A transcript of the attempts to send the message follows.
The number of attempts made: 1
Addressed To: awa@tenant.example
Tue 24 Nov 2026 10:02:00 +0100
Failed to send to identified host,
awa@tenant.example: [192.0.2.7], 550 5.1.1 No such user
== imail
dead | "Postmaster" <postmaster@imail.example> | Undeliverable Mail
Unknown user: awa@tenant.example

Original message follows.
== m-filter
refused | MAILER-DAEMON@m-filter.example | failure notice
<palier@bailleur.example>
-------server message
550 5.7.1 message content rejected
-------original message
== activehunter
dead | "MAILER-DAEMON" <MAILER-DAEMON@hunter.example> | FAILURE NOTICE :Votre demande
  ----- The following addresses had permanent fatal errors -----

>>> awa@tenant.example <user unknown>

  ----- original message follows -----
== bigfoot
dead | Mail Delivery Subsystem <MAILER-DAEMON@bigfoot.example> | Returned mail: awa@bigfoot.example
The following message was not delivered.
   ----- Transcript of session follows -----
>>> RCPT TO:<awa@bigfoot.example>
<<< 553 Invalid recipient awa@bigfoot.example (Mode: normal)
== x1
dead | "Mail Deliver System" <mailer-daemon@x1.example> | Returned Mail: User unknown
The original message was received at Tue, 24 Nov 2026 10:02:00 +0100
from: palier@bailleur.example

Received from: The addressed user awa@x1.example is unknown: no such user
== x2
dead | MAILER-DAEMON@x2.example | Delivery failure
Unable to deliver message to the following address(es).

<awa@tenant.example>:
This user doesn't have a x2.example account (awa@tenant.example) [0]
== x3
dead | "Mail Delivery System" <robot@x3.example> | Delivery status notification
============================================================================
      This message was created automatically by mail delivery software.

 A message that you sent could not be delivered to one or more recipients:
  * awa@tenant.example
 SMTP:550 5.1.1 unknown user
== x6
later | mailer-daemon@x6.example | There was an error sending your mail
We had trouble delivering your message. Full details follow:

Subject: 'Votre demande'
1 error(s):
SMTP Server <smtp.x6.example> rejected recipient <awa@tenant.example> (Error following RCPT command). It responded as follows: [451 4.3.0 try again later]
== opensmtpd
dead | MAILER-DAEMON@host.example | Delivery status notification: error
    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for the following list of recipients:

awa@tenant.example: 550 5.2.0 <awa@tenant.example>... Mailbox Unknown user
== opensmtpd expired
later | MAILER-DAEMON@host.example | Delivery status notification: error
awa@tenant.example: Envelope expired
== james
dead | postmaster@james.example | [BOUNCE]
Hi. This is the James mail server at james.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

awa@tenant.example: 550 5.1.1 user unknown
== dragonfly
dead | <> | Mail delivery failed
Your message to awa@tenant.example could not be delivered:
    mx.tenant.example: RCPT TO refused: 550 5.1.1 no such user
== nullmailer
dead | <> | Could not send message
Hi. This is the nullmailer program. I'm sorry, your message could not be delivered.
<awa@tenant.example>: 550 5.1.1 unknown user
== fml
refused | liste-admin@lists.example | Ignored: NOT MEMBER article from palier@bailleur.example
X-MLServer: fml [fml 4.0]
Hi, I am the fml ML manager. NOT MEMBER: your mail is not distributed.

Original mail as follows:

   Return-Path: palier@bailleur.example
"""
