"""Headings of quotes, by the programs that write them, and sentences that only look like one."""

import pytest

from requests.channels.mail import quotes

WORDS = "Bonjour,\n\nLa fuite a repris cette nuit."
OLD = "Madame, Monsieur,\nnous passerons mardi."
HEADINGS = {
    "La Poste": '> Message du 12/12/2026 13:20\n> De : "Agence" <a@b.example>\n> A : awa@x.example',
    "SFR": "========================================\nMessage du : 12/12/2026 13:20\n"
    'De : "Agence" <a@b.example>\nA : awa@sfr.example\nSujet : Votre demande',
    "Zimbra": "- Le 2026-04-09 23:25, Agence Nord a écrit :",
    "Zimbra, fields": 'De: "Agence" <a@b.example>\nÀ: "awa" <awa@x.example>\n'
    "Envoyé: Vendredi 9 Avril 2026 23:25:01\nObjet: Votre demande",
    "Zoho": "---- On Tue, 12 Jan 2026 10:00:00 +0100 Agence <a@b.example> wrote ----",
    "Zoho, French": "---- Activé mar., 12 janv. 2026 10:00 +0100 Nord <a@b.example> a écrit ----",
    "old Gmail": "2026-03-03 17:21 GMT+01:00 Agence Nord <a@b.example>:",
    "old Gmail, wrapped": "2026-03-03 17:21 GMT+01:00 Agence de proximité Nord\n<a@b.example>:",
    "Gmail": "Le lun. 3 mai 2026 à 10:02, Agence Nord <a@b.example> a écrit :",
    "Gmail, wrapped": "Le lun. 3 mai 2026 à 10:02, Agence Nord <\na@b.example> a écrit :",
    "Outlook, wrapped": "From: Agence Nord\n<a@b.example>\nSent: Monday, May 3, 2026 10:02\n"
    "To: Awa\nSubject: Votre demande",
    "Outlook, alone on its line": "De :\nAgence Nord <a@b.example>\nEnvoyé : lundi 3 mai 2026\n"
    "À : Awa\nObjet : Votre demande",
    "Outlook, bold": "*De :* Agence\n*Envoyé :* lundi 3 mai\n*À :* Awa\n*Objet :* Votre demande",
    "iPhone, forwarded": "Début du message réexpédié :\n\nDe: Agence\nDate: 3 mai\nÀ: Awa",
    "Proton": "‐‐‐‐‐‐‐ Original Message ‐‐‐‐‐‐‐",
    "Notes": "Agence Nord a écrit sur 12/01/2026 10:00:00 :",
    "Horde": "Quoting Agence <a@b.example>:",
    "mutt": '"Agence Nord" <a@b.example> a écrit :',
    "German": "Am Di., 12. Jan. 2026 um 10:00 Uhr schrieb Agence <a@b.example>:",
    "German, fields": "Von: Agence <a@b.example>\nGesendet: Montag\nAn: Awa\nBetreff: Anfrage",
    "Dutch": "Op di 12 jan. 2026 om 10:00 schreef Agence <a@b.example>:",
    "Portuguese": "Em ter., 12 de jan. de 2026 às 10:00, Agence <a@b.example>\nescreveu:",
    "Spanish": "El mar, 12 ene 2026 a las 10:00, Agence (<a@b.example>) escribió:",
    "Spanish, rule": "-----Mensaje original-----",
    "Italian": "Il giorno mar 12 gen 2026 alle ore 10:00 Agence <a@b.example> ha scritto:",
    "Polish": "wt., 12 sty 2026 o 10:00 Agence <a@b.example> napisał(a):",
    "Danish": "Den tirs. 12. jan. 2026 kl. 10.00 skrev Agence <a@b.example>:",
    "Russian": "пн, 12 янв. 2026 г. в 10:00, Agence <a@b.example>:",
    "Romanian": "În mar., 12 ian. 2026 la 10:00, Agence <a@b.example> a scris:",
    "Turkish": "Agence <a@b.example>, 12 Oca 2026 Pzt, 10:00 tarihinde şunu yazdı:",
    "Chinese": "Agence <a@b.example> 于2026年1月12日周二 上午10:00写道：",
    "Japanese": "2026年1月12日(火) 10:00 Agence <a@b.example>:",
}
SENTENCES = (
    "Le gardien m'a écrit le 12/01/2026 à 10:00 que :\nrien ne serait fait",
    "Rendez-vous le 3 à 10:30 :\n- porte\n- fenêtre",
    "De 8h00 à 12:00 :\nrien ne marche",
    "Voici les dates :\nDate : 12/3\nDe : la cave\nrien",
    "Le 12 janvier à 10:30 le gardien est venu :\nil a vu la fuite",
    "Il y a 3 jours le voisin a écrit :\n« je porterai plainte »",
    "Le voisin du 3e a écrit :\n« arrêtez »",
    "On m'a écrit à 10:30 :\nrien",
    "À 10:30 il y a eu une fuite, le plombier a écrit un mot :\nvoir photo",
    "Op 12 januari 2026 was er een lek:\nzie foto",
    "De : la cave\nÀ : la porte\nil n'y a plus de lumière",
)


@pytest.mark.parametrize("program", HEADINGS)
def test_a_quote_is_folded(program):
    heading, marked = HEADINGS[program], "\n".join(f"> {line}" for line in OLD.splitlines())
    for text in (f"{WORDS}\n\n{heading}\n\n{OLD}\n", f"{WORDS}\n\n{heading}\n{marked}"):
        shown, folded = quotes.split(text)
        assert shown == WORDS
        for line in (heading + "\n" + OLD).splitlines():
            assert line.strip("> ") in folded


@pytest.mark.parametrize("sentence", SENTENCES)
def test_what_a_person_wrote_is_never_folded(sentence):
    text = f"Bonjour,\n\n{sentence}\n\nCordialement"
    assert quotes.split(text) == (text, "")


@pytest.mark.parametrize(
    "line",
    [
        "Envoyé de mon iPhone",
        "Von meinem iPhone gesendet",
        "Enviado desde mi iPhone",
        "Inviato da iPhone",
        "Enviado do meu iPhone",
        "Отправлено с iPhone",
        "发自我的iPhone",
        "Télécharger Outlook pour Android",
        "Sent from Outlook for iOS",
    ],
)
def test_a_program_that_signs_is_folded(line):
    assert quotes.split(f"{WORDS}\n\n{line}\n") == (WORDS, line)
