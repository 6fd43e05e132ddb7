"""How mail servers all over the world say that a message did not arrive: names, subjects, words.

From the notices of Postfix, Exim, Sendmail, qmail, Courier, Exchange, Domino, Oracle, mobile
operators and large providers, in their own languages. Pure.
"""

# ruff: noqa: E501 - alternatives of one meaning stay on their line
import re

# Who writes notices: the local part, then the name that is shown.
DAEMON = re.compile(
    r"^(?:(?:mail|mailer|maild?)?[-_. ]?(?:daemon|deamon)|mdaemon|post[-_. ]?master(?:s|[-_.+].*)?|"
    r"mmdf|uucp|sys(?:tem)?[-_.]?adm(?:in(?:istrator)?)?|administrator|"
    r"(?:e?-?mail|mailer|smtp|mta)[-_.]?(?:admin|system|delivery|gateway|server|router|service)s?|"
    r"bounces?(?:[-_+=.].*)?|mail|smtp|mta|delivery|(?:non)?delivery[-_.].*|undeliver.*|ndr)$",
    re.IGNORECASE,
)
DAEMON_NAME = re.compile(
    r"mail(?:er)?[- ]?d(?:ae|ea)mon|mail deliver|delivery (?:sub-?)?system|delivery service|"
    r"delivery (?:status|notification|report)|post[- ]?master|system administrator|"
    r"mail (?:administrator|system|server|gateway|router)|administrateur système|"
    r"microsoft outlook$|interscan|microsoft exchange|mail subsystem|système de messagerie",
    re.IGNORECASE,
)
# Addresses of robots that do not call themselves daemons.
NO_REPLY = re.compile(
    r"^(?:no[-_.]?reply|do[-_.]?not[-_.]?reply|ne[-_.]?pas[-_.]?repondre|notifications?|"
    r"auto(?:matic)?[-_.]?(?:reply|response|mailer)?|info|support|staff|abuse|.*-admin)$",
    re.IGNORECASE,
)
SUBJECT = re.compile(
    r"undeliver|un(?:able to|zustellbar)|deliver(?:y|ed|ing)?[ -]?(?:status|failure|failed|has failed|"
    r"notification|report|error|problem|delay|has been delayed|incomplete|attempt)|"
    r"(?:failed|fail|failure|error|problem)[ :-]*(?:of |in |during |on )?(?:mail )?deliver|"
    r"(?:could ?n['’]?t|cannot|can['’]?t|could not|not|never|was not|wasn['’]?t) (?:be )?"
    r"(?:deliver|sent|been delivered)|returned (?:mail|e-?mail|message|to sender)|return(?:ed)? to "
    r"sender|fail(?:ure|ed) noti(?:ce|fication)|mail (?:delivery|system|server|error|failure|failed)|"
    r"error (?:sending|mail|notice)|notice: mail|"
    r"mail delivery (?:failed|subsystem|system)|non[- ]?remis|non[- ]?délivr|remise (?:impossible|"
    r"différée|retardée)|échec (?:de|d['’]) ?(?:la |l['’])?(?:remise|livraison|distribution|envoi|"
    r"expédition)|message non (?:distribué|délivré|remis|livré)|"
    r"notification d['’]état (?:de la|de) (?:remise|distribution)|rejected|"
    r"erreur (?:de|d['’]) ?(?:distribution|remise|livraison|envoi)|warning: (?:could not send|message)|"
    r"delayed|retard|bounce|non-?delivery|ndn:|ndr\b|\[bounce\]|suspended account|"
    r"unzustellbar|zustell|fehlgeschlagen|mailzustellung|no (?:se )?(?:ha podido )?entreg|devuelto|"
    r"mancat[ao] (?:consegna|recapito)|não (?:entregue|foi)|niet (?:bezorgd|afgeleverd)|"
    r"недоставлен|не доставлен|配信(?:不能|でき|に失敗|エラー|状況)|送信(?:エラー|できま)|"
    r"メール(?:が|を)?.{0,12}(?:届|配信|送信|エラー)|エラーメール|退信|系统退信|投递失败|无法投递",
    re.IGNORECASE,
)
ANSWERED = re.compile(r"^(?:(?:re|tr|rv|wg|aw|fwd?|réf) ?: ?)", re.IGNORECASE)
# Words that only a notice begins with; a person who asks about one does not write them at the top.
NOTICE = re.compile(
    r"this is the (?:mail system|postfix program|qmail-send|machine generated)|qmail-send program|"
    r"(?:this )?(?:message|e-?mail|report|mail) (?:was|is|has been) (?:created|generated) automatically|"
    r"automatically[- ](?:generated|created) (?:delivery|message|notif|by mail)|"
    r"sorry to have to inform you|i wasn['’]t able to deliver your|"
    r"the following (?:address|addresses|recipient|recipients|message)(?:\(e?s\))? "
    r"(?:had|failed|could not|couldn['’]?t|cannot|was|were|has|have|you sent)|"
    r"transcript of session follows|had (?:permanent|transient|fatal|delivery) (?:fatal |non-fatal )?"
    r"(?:errors|problems)|"
    r"(?:your|the|this|a|following) (?:e-?)?(?:message|mail)\b.{0,160}?\b(?:could not|couldn['’]t|can ?not|"
    r"can['’]t|was not|wasn['’]t|has not|hasn['’]t|did not|is not|undeliverable|failed|has failed)\b"
    r".{0,40}?\b(?:deliver|reach|sent|been delivered|be sent|transmitted)|"
    r"did not reach the following|delivery (?:to|of|for) .{0,120}?\b(?:failed|has been delayed|"
    r"was unsuccessful|is delayed|permanently)|delivery (?:has )?failed|delivery failure|failed to deliver|"
    r"(?:unable|not able|failed|were not able|we could not|cannot|trouble|couldn['’]t) (?:to )?"
    r"(?:deliver|delivering|send)(?:ing)? (?:your|the|this|a|message|mail|e-?mail|to)|"
    r"undeliverable|permanent(?:ly)? fail|non-?delivery (?:report|notif)|returned to (?:you|sender)|"
    r"your mail (?:sent on|attempted|to the following)|diagnostic information for|generating server|"
    r"original (?:mail|message) (?:as follows|follows|headers?|attached)|"
    r"(?:below this line|following) is (?:a copy|the original)|error[- ]for:|reporting-mta|"
    r"reason (?:for|of) (?:the )?(?:failure|return|bounce|non)|failure reasons?|user\(s\) account|"
    r"delivery to the following|(?:message|mail) (?:rejected|refused|bounced|returned)|"
    r"has (?:restricted|not been) |receiving (?:mail )?server|remote (?:mail )?server|"
    r"n['’]a(?:yant)? (?:pas )?(?:pu )?(?:être|été) (?:remis|délivré|distribué|livré|envoyé|acheminé|transmis)|"
    r"impossible (?:de |d['’])(?:remettre|délivrer|distribuer|livrer|envoyer|acheminer)|"
    r"n['’]est pas parvenu|créé automatiquement|généré automatiquement|"
    r"nicht zugestellt|konnte(?:n)? nicht|unzustellbar|no (?:se )?(?:ha )?(?:podido|pudo) (?:ser )?entreg|"
    r"non è stat[ao] (?:recapitat|consegnat)|impossibile (?:recapitare|consegnare)|"
    r"não (?:pôde|foi) (?:ser )?entreg|niet (?:worden )?(?:bezorgd|afgeleverd)|"
    r"не (?:может|удалось|было) |配信(?:でき|不能|され|に失敗)|送信(?:でき|に失敗)|届けることができ|"
    r"お届けできま|メールを.{0,20}でき|无法(?:发送|投递)|退回",
    re.IGNORECASE | re.DOTALL,
)
# It was not given up: the server goes on trying.
WARNING = re.compile(
    r"still being retried|delayed \d+ hours|warning(?: message)? only|not need to resend|not yet been "
    r"deliver|could not send (?:message )?for past|(?:will|server) (?:continue|keep)s? (?:trying|to try)|"
    r"no action is required on your part|temporairement différé|nouvelle tentative sera",
    re.IGNORECASE,
)
# How a list refuses what was sent to it (fml).
REJECTED = re.compile(r"original mail as follows|\bNOT MEMBER\b|fml ", re.IGNORECASE)
