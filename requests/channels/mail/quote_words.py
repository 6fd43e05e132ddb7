"""The words by which mail programs open a quote or sign for their owner, in tenants' languages.

French and English first; then the languages in which the programs of the others are set. Each is
what Gmail, Outlook, Apple Mail, Thunderbird, Yahoo, Samsung and the webmails of French providers
write, without accents where some of them lose them.
"""

# « Le 3 mai …, Paul a écrit : » opens with one of these.
OPENERS = (
    *("le", "on", "el", "am", "il", "op", "em", "den", "på", "dnia", "w dniu", "în", "in data"),
    *("dne", "v", "στις", "vào", "no dia", "il giorno"),
    *("activé", "active"),  # what Zoho's French takes « On » for
)
WROTE = (
    *("a écrit", "a ecrit", "écrivait", "wrote", "has written", "escribió", "escribio", "schrieb"),
    *("ha scritto", "schreef", "geschreven", "escreveu", "napisał", "napisała", "napisał(a)"),
    *("skrev", "a scris", "napsal", "napsal(a)", "kirjoitti", "ezt írta", "yazdı", "napísal"),
    *("napísal(a)", "написал", "написала", "написал(а)", "пише", "написав", "έγραψε", "écrit"),
    *("va escriure", "đã viết", "كتب"),
)
WROTE_INSIDE = ("schrieb", "schreef", "skrev")
# Nobody writes these in a letter to a French landlord.
WROTE_ANYWHERE = ("写道", "寫道", "のメール", "ezt írta", "tarihinde şunu yazdı", "odesílatel")
# The labels of a quoted head, as a regular expression each. The first group opens one.
FROM = (
    *("de", "from", "von", "van", "da", "od", "fra", "från", "expéditeur", "expediteur"),
    *("remitente", "mittente", "lähettäjä", "kimden", "от", "від", "από", "feladó", "من"),
    *("发件人", "寄件者", "差出人", "보낸사람", "보낸 사람"),
)
SENT = (
    *("envoyé", "envoye", "envoyé le", "date", "sent", "gesendet", "datum", "verzonden"),
    *("enviado", "enviado el", "enviada", "enviada em", "fecha", "data", "inviato", "wysłano"),
    *("sendt", "skickat", "dato", "lähetetty", "gönderildi", "tarih", "дата", "отправлено"),
    *("надіслано", "trimis", "odesláno", "odoslané", "elküldve", "ημερομηνία", "تاريخ"),
    *("发送时间", "日期", "送信日時", "보낸 날짜"),
)
OTHER = (
    *("à", "a", "to", "cc", "an", "aan", "para", "per", "do", "til", "till", "kime", "кому"),
    *("către", "catre", "komu", "címzett", "προς", "إلى", "objet", "subject", "sujet", "betreff"),
    *("onderwerp", "asunto", "assunto", "oggetto", "temat", "emne", "ämne", "aihe", "konu"),
    *("тема", "subiect", "předmět", "predmet", "tárgy", "θέμα", "الموضوع", "envoyé par"),
    *("répondre à", "repondre a", "reply-to", "reply to", "destinataire", "destinataires"),
    *("importance", "bcc", "cci", "kopie", "copia", "copie à", "copie", "kopia", "pièces jointes"),
    *("收件人", "主题", "主旨", "宛先", "件名", "받는사람", "제목"),
)
# Between dashes: « -----Message d'origine----- ».
ORIGINAL = (
    *("message d'origine", "message d’origine", "message original", "message initial"),
    *("message transféré", "message transmis", "message transfere", "original message"),
    *("mail original", "e-mail d'origine", "e-mail d’origine", "forwarded message"),
    *("message réacheminé", "reply message", "courriel original", "ursprüngliche nachricht"),
    *("ursprungliche nachricht", "originalnachricht", "original-nachricht", "weitergeleitete"),
    *("weitergeleitete nachricht", "antwort nachricht", "oorspronkelijk bericht"),
    *("oorspronkelijk e-mailbericht", "doorgestuurd bericht", "mensaje original"),
    *("mensaje reenviado", "mensagem original", "mensagem encaminhada", "messaggio originale"),
    *("messaggio inoltrato", "oryginalna wiadomość", "wiadomość oryginalna"),
    *("wiadomość przekazana", "oprindelig meddelelse", "original meddelelse"),
    *("ursprungligt meddelande", "originalmeddelande", "alkuperäinen viesti", "orijinal ileti"),
    *("özgün ileti", "исходное сообщение", "пересылаемое сообщение", "original mail"),
    *("mesaj original", "původní zpráva", "pôvodná správa", "eredeti üzenet", "原始邮件"),
    *("原始郵件", "転送メッセージ", "original email", "rispondi al messaggio"),
)
# Without dashes, alone on their line.
FORWARDED = (
    *("begin forwarded message", "début du message réexpédié", "début du message transféré"),
    *("anfang der weitergeleiteten nachricht", "inicio del mensaje reenviado"),
    *("inizio messaggio inoltrato", "início da mensagem encaminhada", "begin doorgestuurd bericht"),
    *("debut du message transfere", "debut du message reexpedie"),
)
QUOTING = ("quoting", "zitat von", "citando", "citant", "citato da", "cytowanie")
# Programs that sign: the beginning of such a line.
SIGNATURES = (
    r"envoyé (?:de|depuis|à partir de|avec|via|par) (?:mon|ma|l'|l’|la |le |un |une |yahoo|"
    r"outlook|gmail|orange|proton|hotmail|bluemail|free|sfr|laposte|courrier|mail|samsung|android|"
    r"iphone|ipad|webmail|galaxy)",
    r"sent from (?:my|mail|outlook|yahoo|samsung)|sent (?:with|via) (?:proton|my|the)",
    r"sent using |sent via (?:android|ios)",
    r"von meinem \w+|gesendet (?:von|mit|aus|über) |diese nachricht wurde von meinem ",
    r"verzonden (?:vanaf|met|via|vanuit) ",
    r"enviado (?:desde|de|do|da|a partir|via|por) (?:mi|meu|meu|minha|el|o|a|outlook|yahoo|"
    r"gmail|correo|email|iphone|ipad|android|samsung|huawei|galaxy|correio)",
    r"inviato (?:da|dal|con|tramite|via) (?:iphone|ipad|smartphone|mio|il|outlook|yahoo|posta|"
    r"libero|samsung|huawei|android|cellulare|dispositivo|telefono|tablet|galaxy|gmail)",
    r"wysłan[eoa] (?:z|ze) |sendt fra |skickat från |lähetetty |отправлено (?:с|из) |"
    r"надіслано (?:з|із) |trimis de pe |odesláno z|odoslané z|iphone'?umdan |iphone'?dan ",
    r"从我的|发自我的|iphoneから送信",
    r"(?:télécharge[zr]|obtenir|obtenez|get|holen sie sich|descargar|scarica) outlook "
    r"(?:pour|for|für|para|per)",
    r"(?:provenance|provenienza) : |gesendet von mail|sent from mail for windows",
    r"garanti sans virus|sans virus\.\s?www\.avast|virus-free\.\s?www|virenfrei",
    r"l'absence de virus dans ce courrier|this email has been checked for viruses",
    r"je(?: vous)? réponds depuis mon mobile",
    r"-- ?$|--\s?$",
)
