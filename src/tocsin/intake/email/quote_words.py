"""The words by which mail programs announce a quoted mail, a forwarded one, or themselves, in many languages.

Patterns look at one line (or a few joined ones) of bounded length and hold no nested repetition, so that no input makes
them slow (SECURITY "quadratic regex on quotes").
"""

import re

# "On <date> <somebody> wrote:". The first word of such a line ...
_ON = (
    "on|at|am|le|el|il|il giorno|em|no dia|a|op|om|den|på|dne|dňa|dnia|w dniu|pe|în|la|dana|le|kl|в|у|on the|vào|"
    "στις|tr|in data|data|на"
)
# ... and the word that ends it, or comes shortly before its end.
_WROTE = (
    r"wrote|writes|said|posted|schrieb|geschrieben|schreef|verzond|geschreven|escribió|escribio|ha escrito|a écrit|a ecrit|"
    r"ha scritto|scrive|escreveu|skrev|napsal\(a\)|napsala?|napísal\(a\)|napísala?|napisał\(a\)|napisała?|napisao|"
    r"написала?|написал\(а\)|пишет|писал\(а\)|пише|написав|írta|yazdı|yazmış|kirjoitti|a scris|kirjutas|rakstīja|parašė|"
    r"έγραψε|đã viết|va escriure"
)
_WROTE_EAST = "写道|寫道|のメール|書きました|작성"  # words without blanks between them
# What tells a date from a number in a sentence: a time of day, a year, a written date, an address.
DATED = re.compile(r"\d{1,2}[:.h]\d\d|\b(?:19|20)\d\d\b|\d{1,2}[./-]\d{1,2}\b|[<@]|\d年")
ON_DATE = re.compile(rf"^(?:{_ON})\b[\s:,.]", re.IGNORECASE)
ENDS_WITH_WROTE = re.compile(rf"(?:(?:\b|\s|>|\))(?:{_WROTE})|{_WROTE_EAST})[\s*_]*[:：]?[\s*_-]*$", re.IGNORECASE)
WROTE_SOMEBODY = re.compile(rf"\b(?:{_WROTE})\b[^:：]{{0,20}}[\"'<@\w].*[:：]$", re.IGNORECASE)
HAS_WROTE = re.compile(rf"(?:\b|\s|>|\))(?:{_WROTE})(?:\b|\s|[:：]|$)|{_WROTE_EAST}", re.IGNORECASE)
TIME, YEAR = re.compile(r"\d{1,2}[:.h]\d\d"), re.compile(r"(?:19|20)\d\d")
ENDS_WITH_ADDRESS = re.compile(r"<[^<>\s]{1,80}@[^<>\s]{1,80}>\s?[:：]$")
ADDRESS = re.compile(r"[^\s<>@\"']{1,80}@[^\s<>@\"']{1,80}")
# Google's "2016-03-03 17:21 GMT+01:00 Some One <a@example.org>:", and its East Asian sisters.
DATE_SOMEBODY = re.compile(r"^\d{4}-\d\d-\d\d \d?\d:\d\d (?:GMT|UTC)[+-]\d{1,2}:\d\d \S")
YEAR_SOMEBODY = re.compile(r"^(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{4}年\d{1,2}月\d{1,2}日|在 ?\d{4}).*[:：]$")

_ORIGINAL = (
    "original message|original e-?mail|original appointment|message from .{1,60}|reply message|ursprüngliche nachricht|"
    "originalnachricht|original-nachricht|ursprüngliche mail|message d'origine|message d’origine|message original|"
    "mensaje original|mensagem original|messaggio originale|oorspronkelijk bericht|originalmeddelande|"
    "ursprungligt meddelande|opprinnelig melding|oprindelig meddelelse|alkuperäinen viesti|oryginalna wiadomość|"
    "wiadomość oryginalna|původní zpráva|pôvodná správa|исходное сообщение|оригинальное сообщение|eredeti üzenet|"
    "özgün ileti|orijinal mesaj|mesaj original|mesajul original|missatge original|αρχικό μήνυμα|原始邮件|原始郵件|"
    "元のメッセージ|원본 메시지|thư gốc"
)
_FORWARDED = (
    "forwarded message|forwarded by .{1,60}|weitergeleitete nachricht|message transféré|message transmis|mensaje reenviado|"
    "mensagem encaminhada|mensagem reencaminhada|messaggio inoltrato|doorgestuurd bericht|vidarebefordrat meddelande|"
    "videresendt melding|videresendt meddelelse|välitetty viesti|przekazana wiadomość|wiadomość przekazana dalej|"
    "přeposlaná zpráva|preposlaná správa|пересылаемое сообщение|пересланное сообщение|továbbított üzenet|"
    "iletilen ileti|mesaj redirecționat|转发的邮件|轉寄郵件|転送されたメッセージ"
)
_BEGIN = (
    "begin forwarded message|anfang der weitergeleiteten nachricht|début du message réexpédié|début du message transféré|"
    "inicio del mensaje reenviado|início da mensagem reencaminhada|início da mensagem encaminhada|"
    "inizio messaggio inoltrato|begin doorgestuurd bericht|vidarebefordrat brev|start på videresendt melding|"
    "начало переадресованного сообщения|początek przekazywanej wiadomości|次の転送メッセージ"
)
BETWEEN_DASHES = re.compile(
    rf"^[\s*_>]{{0,12}}-{{2,}}[\s*_]{{0,4}}(?:{_ORIGINAL}|{_FORWARDED})[\s*_:]{{0,4}}-{{2,}}[\s*_]{{0,4}}$",
    re.IGNORECASE,
)
BEGIN_FORWARDED = re.compile(rf"^[\s*_>]{{0,12}}(?:{_BEGIN})\s?[:：]\s*$", re.IGNORECASE)
DASHED = re.compile(r"^-{2,}\s?([^-].{5,300}?)\s?-{2,}$")

# Header lines as Outlook and others put above what they quote.
_HEADERS = {
    "from": "from|von|de|da|van|från|fra|od|от|от кого|lähettäjä|feladó|kimden|expéditeur|mittente|remitente|afzender|"
    "de la|από|发件人|寄件者|差出人|보낸 사람|từ",
    "subject": "subject|betreff|objet|asunto|oggetto|assunto|onderwerp|ämne|emne|aihe|temat|předmět|predmet|тема|tárgy|"
    "konu|subiect|sujet|assumpte|θέμα|主题|主旨|件名|제목|chủ đề",
    "other": "sent|to|cc|bcc|date|reply-to|importance|attachments|gesendet|an|datum|kopie|antwort an|envoyé|à|pour|cci|"
    "répondre à|date d'envoi|enviado|enviado el|para|fecha|data|inviato|a|cc|risposta|rispondi a|enviada|enviada em|"
    "verzonden|aan|skickat|till|sendt|til|dato|lähetetty|päivämäärä|vastaanottaja|wysłano|do|data wysłania|kopia|"
    "odesláno|komu|dátum|отправлено|дата|кому|копия|elküldve|címzett|gönderildi|kime|tarih|trimis|către|enviat|per a|"
    "στάλθηκε|προς|发送时间|收件人|抄送|日期|寄件日期|收件者|副本|送信日時|宛先|日時|보낸 날짜|받는 사람",
}
HEADER_OF = {
    kind: re.compile(rf"^[\s*_>]{{0,8}}(?:{words})[\s*_]{{0,4}}[:：][\s*_]{{0,4}}(?=\S|$)", re.IGNORECASE)
    for kind, words in _HEADERS.items()
}

# Programs that sign for their owners. Each pattern is one whole line.
_DEVICES = (
    r"iphone|ipad|ipod|android|samsung|galaxy|huawei|xiaomi|nokia|htc|sony|blackberry|windows|mobile|mobiltelefon|"
    r"mobilgerät|smartphone|handy|phone|cell|tablet|mailbox|outlook|airmail|yahoo|gmail|k-9|proton\s?mail|mail|aqua|"
    r"spark|thunderbird|webmail|app|téléphone|móvil|celular|mobiel|telefon|device"
)
_SENT = (
    r"sent|sendt|skickat|gesendet|verzonden|verstuurd|envoyé|enviado|enviada|inviato|inviata|wysłan[oey]|odesláno|"
    r"odoslané|lähetetty|отправлено|gönderildi|elküldve|trimis|enviat|written|get|téléchargez|hanki|ottieni|obtener|"
    r"télécharger|laden sie|holen sie sich"
)
PROGRAM_SIGNS = [
    re.compile(rf"^[<(\[*_\s]{{0,6}}(?:{_SENT})\b.{{1,40}}?(?:{_DEVICES}).{{0,70}}$", re.IGNORECASE),
    re.compile(r"^[<(\[*_\s]{0,6}sent (?:from|via|with|by) (?:my|a) .{1,70}$", re.IGNORECASE),
    re.compile(rf"^(?:von|from) (?:meinem?|my) (?:{_DEVICES}).{{0,40}}$", re.IGNORECASE),
    re.compile(r"^\S{1,30} from mobile$", re.IGNORECASE),
    re.compile(
        rf"^(?:diese (?:nachricht|mail|e-mail) wurde )?von meine.{{1,40}}(?:{_DEVICES}).{{0,40}}gesendet\.?$",
        re.IGNORECASE,
    ),
    re.compile(r"^(?:從我的|从我的|發自我的|发自我的|iPhoneから送信|나의 iPhone).{0,40}$"),
    re.compile(r"^.{1,30}(?:から送信|에서 보냄)$"),
]
SIGNATURE_DASHES = re.compile(r"^(?:--|—|–|__|-- ?)\s?$")
RULE = re.compile(r"^\s{0,8}(?:_{3,}|-{3,}|={3,}|\*{3,}|—{2,}|~{3,}|ᐧ)\s{0,8}$")
QUOTED = re.compile(r"^\s{0,3}(?:>|&gt;)")
ONLY_QUOTE_MARKS = re.compile(r"^[\s>]*$")
