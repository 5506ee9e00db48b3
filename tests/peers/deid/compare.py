"""What other de-identifiers take out of one object, beside what ringfence-agent takes out.

Every attribute of the answer key, and every other attribute of the data dictionary that can hold a value, stands in
the object with a planted value. An attribute is taken when its value is no longer there. Where two programs differ,
differences.tsv says why; a difference that is not in it fails, and so does a line of it that no longer occurs. Texts and dates beyond E.1-1, which we take and
the tools do not, are counted.

    compare.py --agent PROGRAM [--update]
"""

import argparse
import collections
import json
import pathlib
import subprocess
import sys
import tempfile

import pydicom
from pydicom.datadict import DicomDictionary
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian

HERE = pathlib.Path(__file__).parent
KEY = HERE.parents[2] / "agent/deid/tests/data/answer_key.tsv"
TABLE = HERE / "differences.tsv"
CANARY = "Zqxvcanary"
KEPT = {  # what makes the object one
    0x00080016: ("UI", "1.2.840.10008.5.1.4.1.1.2"),
    0x00080060: ("CS", "CT"),
    0x00280103: ("US", 0),
}
VALUES = {
    "DA": "19870605", "DT": "19870605112233", "TM": "112233", "UI": "1.2.276.0.9.9", "AS": "077Y", "DS": "77.125",
    "IS": "77", "US": 77, "SS": 77, "UL": 77, "SL": 77, "FL": 77.5, "FD": 77.5, "UV": 77, "SV": 77, "AT": 0x00100010,
    "CS": "ZQXVCANARY", "OB": b"Zqxvcanary__", "OW": b"Zqxvcanary__", "UN": b"Zqxvcanary__", "OF": b"Zqxvcanary__",
    "OD": b"Zqxvcana", "OL": b"Zqxvcana", "OV": b"Zqxvcana", "PN": "Zqxvcanary^Jane", "UR": "http://zqxvcanary.test",
}
WHY = {
    "a": "the tool's own table, which is a choice from E.1-1, does not have this row",
    "b": "the tool's edition of the table is older than this row",
    "c": "not in E.1-1, whose attributes alone are compared by name; the tool takes it all the same",
}


def key():
    rows = [line.split("\t") for line in KEY.read_text().splitlines()[1:]]
    return {int(row[0], 16): (row[1], row[2]) for row in rows if row[0] != "00291010"}


def item():
    inner = Dataset()
    inner.add_new(0x00080104, "LO", CANARY)
    inner.add_new(0x00081155, "UI", "1.2.276.0.9.9")
    return inner


def corpus():
    """One object with everything; what cannot stand beside the rest is left out."""
    places = {tag: vr for tag, (vr, _) in key().items() if tag >> 16 >= 8}
    for tag, (vr, *_rest) in DicomDictionary.items():
        if tag >> 16 >= 8 and tag >> 16 not in (0xFFFE, 0x7FE0) and tag not in places and vr in (
            "AE AS CS DA DS DT IS LO LT PN SH ST TM UC UI UR UT".split()
        ):
            places[tag] = vr
    data = Dataset()
    for tag, vr in sorted(places.items()):
        if tag not in KEPT and tag != 0x00080005:
            data.add_new(tag, vr, Sequence([item()]) if vr == "SQ" else VALUES.get(vr, "Brain " + CANARY))
    for tag, (vr, value) in KEPT.items():
        data.add_new(tag, vr, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    return data


def ringfence(program, source, target):
    done = subprocess.run(
        [program, "deid", "apply", source, target, "--options", "none", "--reviewed", "--json"],
        capture_output=True, text=True,
    )
    if done.returncode:
        sys.exit(f"ringfence-agent: {done.stdout}{done.stderr}")


def dicom_anonymizer(_program, source, target):
    from dicomanonymizer import simpledicomanonymizer as tool

    # The tool's own entry uses the table of 2023; this is its newest.
    data = pydicom.dcmread(source)
    actions = tool.initialize_actions("dicomfields_2026c")
    tool.anonymize_dataset(data, None, True, base_rules_gen=lambda: actions)
    data.save_as(target)


def dcm_anonymizer(_program, source, target):
    from dcm_anon.cli import main

    with tempfile.TemporaryDirectory() as place:
        code = main([str(source), place, "--quiet", "--salt", "peers"])
        made = [path for path in pathlib.Path(place).rglob("*.dcm")]
        if code or len(made) != 1:
            sys.exit(f"dcm-anonymizer: code {code}, {len(made)} files")
        target.write_bytes(made[0].read_bytes())


def dcmanon(_program, source, target):
    from dcmanon import Anonymizer

    target.write_bytes(Anonymizer().anonymize(str(source)))


TOOLS = {"dicom-anonymizer": dicom_anonymizer, "dcmanon": dcmanon, "dcm-anonymizer": dcm_anonymizer}


def left(before, after):
    """The attributes whose value is still there."""
    def same(tag):
        if tag not in after:
            return False
        if before[tag].VR == "SQ":
            return CANARY in str(after[tag].value) or "1.2.276.0.9.9" in str(after[tag].value)
        return str(after[tag].value) == str(before[tag].value) or CANARY.lower() in str(after[tag].value).lower()
    return {int(tag) for tag in before.keys() if same(tag)}


def why(tag, rows, tool):
    if tag not in rows:
        return "c"
    return "b" if tool == "dicom-anonymizer" else "a"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--agent", required=True)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        place = pathlib.Path(place)
        source = place / "source.dcm"
        corpus().save_as(source, enforce_file_format=True)
        before = pydicom.dcmread(source)
        ringfence(arguments.agent, source, place / "ours.dcm")
        ours_left = left(before, pydicom.dcmread(place / "ours.dcm"))
        theirs = {}
        for name, tool in TOOLS.items():
            target = place / f"{name}.dcm"
            tool(None, source, target)
            theirs[name] = left(before, pydicom.dcmread(target))
    rows = {tag for tag in key() if tag >> 16 >= 8}
    lines = ["tool\ttag\tattribute\twe\tthe tool\twhy"]
    more = collections.Counter()
    for name, left_there in theirs.items():
        for tag in sorted(ours_left ^ left_there):
            if tag not in rows and tag not in ours_left:
                # Texts and dates that E.1-1 does not name: the tools keep them, we do not.
                more[name] += 1
                continue
            words = ["keep" if tag in ours_left else "take", "keep" if tag in left_there else "take"]
            reason = why(tag, rows, name)
            lines.append("\t".join([name, f"{tag:08X}", before[tag].name, *words, f"{reason}: {WHY[reason]}"]))
    listed = [tag for tag in rows if tag in before]
    print(json.dumps({
        "attributes": len(before), "rows of E.1-1": len(listed),
        "rows that we leave": sorted(f"{tag:08X}" for tag in set(listed) & ours_left),
        "rows that each leaves": {name: len(set(listed) & left_there) for name, left_there in theirs.items()},
        "rows that all take": len([tag for tag in listed if tag not in ours_left and all(tag not in t for t in theirs.values())]),
        "attributes beyond E.1-1 that we take and the tool does not": more,
        "differences to explain": len(lines) - 1,
    }, indent=1))
    text = "\n".join(lines) + "\n"
    if arguments.update:
        TABLE.write_text(text)
    if set(listed) & ours_left:
        sys.exit("a row of E.1-1 is left")
    if TABLE.read_text() != text:
        sys.exit("the differences are no longer those of differences.tsv; look at each, then --update")


if __name__ == "__main__":
    main()
