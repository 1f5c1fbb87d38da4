"""A hospital's morning, told by python3-hl7 (python_hl7.sh): feeds, merges, queries, pages, errors, another character set."""

import sys

import hl7
import hl7.client

CR = "\r"
failures = []
numbers = iter(range(1, 1000))


def expect(what, found, wanted):
    if found != wanted:
        failures.append(what)
        print(f"FAILED: {what}: {found!r}, not {wanted!r}")


def message(kind, lines, version="2.5", sender="GAM|CHU", charset="UNICODE UTF-8"):
    head = f"MSH|^~\\&|{sender}|SOSIE|REGION|20260302080000||{kind}|P{next(numbers)}|P|{version}||||||{charset}"
    return CR.join([head, *lines]) + CR


def pid(number, family, given, born="19840317", sex="F", domain="CHU", more=""):
    return f"PID|1||{number}^^^{domain}^PI||{family}^{given}^{given}^^^^L||{born}|{sex}|||^^BESANCON^^25000^FRA^BDL^^25056{more}"


class Talk:
    """One connection; every answer is parsed by the library and must echo the control id."""

    def __init__(self, port, encoding="utf-8"):
        self.client = hl7.client.MLLPClient("127.0.0.1", port, encoding=encoding)
        self.encoding = encoding

    def ask(self, text):
        raw = self.client.send_message(text)
        expect("the frame's start and end", (raw[:1], raw[-2:]), (b"\x0b", b"\x1c\r"))
        answer = hl7.parse(raw.strip(b"\x0b\x1c\r") + b"\r", encoding=self.encoding)
        expect("MSA-2", str(answer.segment("MSA")[2]), text.split("|")[9])
        expect("MSH-5 and MSH-6", "|".join(str(answer.segment("MSH")[i]) for i in (5, 6)), "|".join(text.split("|")[2:4]))
        return answer

    def feed(self, kind, lines, wanted="AA", **keys):
        answer = self.ask(message(kind, lines, **keys))
        expect(f"{kind} {lines}", str(answer.segment("MSA")[1]), wanted)
        return answer


def segments(answer, name):
    return list(answer.segments(name)) if any(str(line[0]) == name for line in answer) else []


def query(kind, asked, limit="", pointer="", domains=""):
    lines = [f"QPD|any|T1|{asked}{domains}", f"RCP|I|{limit}"]
    return message(kind, lines + ([f"DSC|{pointer}|I"] if pointer else []))


def feeds(talk):
    talk.feed("ADT^A28^ADT_A05", [pid("1", "MOREL", "ANNE"), "PV1||N"])
    talk.feed("ADT^A28^ADT_A05", [pid("2", "MOREL", "ANNE"), "PV1||N"])
    talk.feed("ADT^A28^ADT_A05", [pid("9", "MOREL", "ANNE", domain="CLINIQUE"), "PV1||N"], sender="X|CLINIQUE")
    talk.feed("ADT^A24^ADT_A24", ["PID|1||1^^^CHU^PI", "PID|2||9^^^CLINIQUE^PI"])
    talk.feed("ADT^A40^ADT_A39", [pid("1", "MOREL", "ANNE"), "MRG|2^^^CHU^PI"])
    refused = talk.feed("ADT^A31^ADT_A05", [pid("2", "MOREL", "ANNE"), "PV1||N"], wanted="AE")
    expect("ERR-2 of a merged identifier", str(refused.segment("ERR")[2]), "PID^1^3^1")
    talk.feed("ADT^A47^ADT_A30", [pid("3", "MOREL", "ANNE"), "MRG|1^^^CHU^PI"])
    rejected = talk.feed("ORU^R01^ORU_R01", [pid("3", "MOREL", "ANNE")], wanted="AR")
    expect("ERR-3 of a type that is not ours", str(rejected.segment("ERR")[3][0][0]), "200")


def cross_references(talk):
    answer = talk.ask(query("QBP^Q23^QBP_Q21", "2^^^CHU", domains="|^^^CLINIQUE"))
    expect("QAK-2 of ITI-9", str(answer.segment("QAK")[2]), "OK")
    expect("PID-3 of ITI-9", str(answer.segment("PID")[3]), "9^^^CLINIQUE&990000026&M^PI")
    unknown = talk.ask(query("QBP^Q23^QBP_Q21", "404^^^CHU"))
    expect("ERR-2 of ITI-9", str(unknown.segment("ERR")[2]), "QPD^1^3^1^1")


def demographics(talk):
    for number, given in enumerate(["LUCIE", "MARIE", "ROSE"]):
        talk.feed("ADT^A28^ADT_A05", [pid(f"20{number}", "PAGE", given, born=f"199{number}0101"), "PV1||N"])
    first = talk.ask(query("QBP^Q22^QBP_Q21", "@PID.5.1.1^PAGE", limit="2^RD"))
    expect("groups of a page", len(segments(first, "PID")), 2)
    second = talk.ask(query("QBP^Q22^QBP_Q21", "@PID.5.1.1^PAGE", limit="2^RD", pointer=str(first.segment("DSC")[1])))
    expect("groups of the last page", len(segments(second, "PID")), 1)
    expect("DSC of the last page", segments(second, "DSC"), [])
    seen = {str(line[3][0][0]) for answer in (first, second) for line in segments(answer, "PID")}
    expect("persons of both pages", len(seen), 3)
    cancelled = talk.ask(message("QCN^J01^QCN_J01", ["QID|T1|any"]))
    expect("the end of a query", str(cancelled.segment("MSA")[1]), "AA")


def visits(talk):
    pv1 = "PV1|1|I|6268^12^1" + "|" * 16 + "V1^^^CHU^VN"
    talk.feed("ADT^A01^ADT_A01", [pid("3", "MOREL", "ANNE", more="|" * 7 + "D1^^^CHU^AN"), pv1])
    answer = talk.ask(query("QBP^ZV1^QBP_Q21", "@PV1.3.1^6268"))
    expect("MSH-9 of ITI-22", str(answer.segment("MSH")[9]), "RSP^ZV2^RSP_ZV2")
    expect("PV1-19 of ITI-22", str(answer.segment("PV1")[19][0][0]), "V1")


def other_characters(port):
    talk = Talk(port, encoding="iso-8859-15")
    talk.feed("ADT^A28^ADT_A05", [pid("300", "LEFÈVRE", "ZOÉ", born="19770101"), "PV1||N"], charset="8859/15")
    text = message("QBP^Q22^QBP_Q21", ["QPD|any|T2|@PID.3.1^300", "RCP|I"], charset="8859/15")
    expect("accents in ISO 8859-15", str(talk.ask(text).segment("PID")[5][0][0]), "LEFÈVRE")
    talk.client.close()


def main():
    port = int(sys.argv[1])
    talk = Talk(port)
    feeds(talk)
    cross_references(talk)
    demographics(talk)
    visits(talk)
    talk.client.close()
    other_characters(port)
    print(f"{next(numbers) - 1} messages, {len(failures)} failures")
    return 1 if failures else 0


sys.exit(main())
