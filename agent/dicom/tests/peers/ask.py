"""Asks an archive what pynetdicom can ask: C-ECHO, C-STORE, C-FIND with a cancel, C-GET, storage commitment.

Usage: ask.py PORT FOLDER; sends the folder's files first. Prints what came out as one line of JSON.
"""
import json
import pathlib
import sys
import threading

from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid
from pynetdicom import AE, build_role, evt
from pynetdicom.sop_class import (
    MRImageStorage,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind as Find,
    StudyRootQueryRetrieveInformationModelGet as Get,
    Verification,
)

port, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
files = [dcmread(path) for path in sorted(folder.iterdir())]
told = {}


def associate(contexts, **more):
    entity = AE(ae_title="WORK")
    for context in contexts:
        entity.add_requested_context(context)
    association = entity.associate("127.0.0.1", port, ae_title="RINGFENCE", **more)
    assert association.is_established, "the association was not accepted"
    return association


def identifier(level, **keys):
    wanted = Dataset()
    wanted.QueryRetrieveLevel = level
    for keyword, value in keys.items():
        setattr(wanted, keyword, value)
    return wanted


association = associate([Verification, MRImageStorage])
told["echo"] = association.send_c_echo().Status
told["stored"] = [association.send_c_store(file).Status for file in files]
association.release()

association = associate([Find])
wanted = identifier("STUDY", PatientName="m*", StudyInstanceUID="", ModalitiesInStudy="", OtherPatientNames="")
answers = list(association.send_c_find(wanted, Find))
told["studies"] = [[status.Status, match.StudyInstanceUID if match else None] for status, match in answers]
told["name"] = str(answers[0][1].PatientName)
wanted = identifier("IMAGE", StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.4", SOPInstanceUID="")
statuses = []
for number, (status, match) in enumerate(association.send_c_find(wanted, Find, msg_id=7)):
    statuses.append(status.Status)
    if number == 0:
        association.send_c_cancel(7, query_model=Find)
told["images"] = [statuses[0], statuses[-1]]
association.release()

got = []


def keep(event):
    got.append(event.dataset.SOPInstanceUID)
    return 0x0000


association = associate(
    [Get, MRImageStorage],
    ext_neg=[build_role(MRImageStorage, scp_role=True)],
    evt_handlers=[(evt.EVT_C_STORE, keep)],
)
wanted = identifier("STUDY", StudyInstanceUID="1.2.3")
last = list(association.send_c_get(wanted, Get))[-1][0]
told["get"] = [last.Status, last.NumberOfCompletedSuboperations, sorted(got)]
association.release()

reported = threading.Event()


def report(event):
    information = event.event_information
    told["commitment"] = [event.event_type, information.TransactionUID == transaction]
    told["failed"] = [item.FailureReason for item in information.get("FailedSOPSequence", [])]
    reported.set()
    return 0x0000, None


transaction = generate_uid()
association = associate([StorageCommitmentPushModel], evt_handlers=[(evt.EVT_N_EVENT_REPORT, report)])
asked = Dataset()
asked.TransactionUID = transaction
asked.ReferencedSOPSequence = []
for uid in [file.SOPInstanceUID for file in files] + ["1.2.3.4.5.6.7"]:
    item = Dataset()
    item.ReferencedSOPClassUID = MRImageStorage
    item.ReferencedSOPInstanceUID = uid
    asked.ReferencedSOPSequence.append(item)
status, _ = association.send_n_action(
    asked, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
)
told["action"] = status.Status
assert reported.wait(30), "no report came"
association.release()
print(json.dumps(told))
