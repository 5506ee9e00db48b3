"""What dicomweb-client makes of the agent's DICOMweb: queries at all levels, every kind of retrieval, storing.

Usage: client.py URL CA_FILE TOKEN DEIDENTIFIED_TOKEN FILE…
The first token may store. Ends with an exception where something is not as it must be.
"""

import io
import json
import sys

import numpy
import pydicom
import requests
from dicomweb_client.api import DICOMwebClient
from dicomweb_client.session_utils import create_session

url, ca_file, token, deidentified_token, *files = sys.argv[1:]


def client(bearer):
    session = create_session()
    session.verify = ca_file
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {bearer}"
    return DICOMwebClient(url, session=session)


def same(ours, theirs):
    assert numpy.array_equal(ours.pixel_array, theirs.pixel_array), "other pixels"
    for element in theirs:
        if element.tag.element != 0:
            assert ours[element.tag].value == element.value, f"another {element.keyword or element.tag}"
    assert ours.file_meta.MediaStorageSOPInstanceUID == theirs.SOPInstanceUID


original = client(token)
objects = [pydicom.dcmread(file) for file in files]
first = objects[0]
study, series, instance = first.StudyInstanceUID, first.SeriesInstanceUID, first.SOPInstanceUID
names = (study, series, instance)

# Storing.
told = original.store_instances(objects)
assert len(told.ReferencedSOPSequence) == len(objects), told
assert "FailedSOPSequence" not in told
told = original.store_instances(objects, study_instance_uid=study)
assert len(told.ReferencedSOPSequence) == len(objects), told
try:
    original.store_instances(objects[:1], study_instance_uid="1.2.3")
    raise AssertionError("an object of another study was taken")
except requests.HTTPError as error:
    assert error.response.status_code == 409, error

# Queries.
rows = original.search_for_studies(search_filters={"PatientID": first.PatientID}, fields=["StudyDescription"])
found = pydicom.Dataset.from_json(rows[0])
assert (found.StudyInstanceUID, found.PatientName, found.NumberOfStudyRelatedInstances) == (study, first.PatientName, len(objects))
assert len(original.search_for_studies(fuzzymatching=True, limit=1)) == 1
assert [row["0020000E"]["Value"][0] for row in original.search_for_series(study)] == [series]
assert [row["0020000E"]["Value"][0] for row in original.search_for_series(search_filters={"Modality": first.Modality})] == [series]
for rows in (
    original.search_for_instances(study, series),
    original.search_for_instances(study),
    original.search_for_instances(),
    original.search_for_instances(get_remaining=True, limit=1),
):
    assert [row["00080018"]["Value"][0] for row in rows] == [one.SOPInstanceUID for one in objects]

# Whole objects.
same(original.retrieve_instance(*names), first)
same(original.retrieve_instance(*names, media_types=(("application/dicom", "*"),)), first)
for retrieved in (original.retrieve_series(study, series), original.retrieve_study(study), list(original.iter_study(study))):
    assert len(retrieved) == len(objects)
    for ours, theirs in zip(retrieved, objects):
        same(ours, theirs)

# Headers and what they leave out.
header = original.retrieve_instance_metadata(*names)
read = pydicom.Dataset.from_json(header, bulk_data_uri_handler=lambda _tag, _vr, _uri: b"")
for element in first:
    if element.keyword != "PixelData" and element.tag.element != 0 and element.VR != "UN":
        ours = read[element.tag].value
        assert ours == element.value or str(ours) == str(element.value), f"another {element.keyword or element.tag}"
assert len(original.retrieve_series_metadata(study, series)) == len(objects)
assert len(original.retrieve_study_metadata(study)) == len(objects)
pixels = original.retrieve_bulkdata(header["7FE00010"]["BulkDataURI"])
assert b"".join(pixels) == first.PixelData

# Frames and pictures.
for media_types in (None, ("application/octet-stream",)):
    frames = original.retrieve_instance_frames(*names, frame_numbers=[1], media_types=media_types)
    assert frames == [first.PixelData], media_types
for media_type, start in (("image/png", b"\x89PNG"), ("image/jpeg", b"\xff\xd8")):
    for picture in (
        original.retrieve_instance_rendered(*names, media_types=(media_type,)),
        original.retrieve_instance_frames_rendered(*names, [1], media_types=(media_type,)),
        original.retrieve_instance_rendered(*names, media_types=(media_type,), params={"viewport": "16,16", "window": "40,400,linear"}),
    ):
        assert picture.startswith(start), media_type

# The de-identified view.
research = client(deidentified_token)
row = pydicom.Dataset.from_json(research.search_for_instances()[0])
names = (row.StudyInstanceUID, row.SeriesInstanceUID, row.SOPInstanceUID)
assert row.StudyInstanceUID != study and str(row.PatientID).startswith("RF-")
ours = research.retrieve_instance(*names)
assert numpy.array_equal(ours.pixel_array, first.pixel_array)
assert (ours.PatientIdentityRemoved, ours.PatientID, ours.SOPInstanceUID) == ("YES", row.PatientID, row.SOPInstanceUID)
assert research.retrieve_instance_metadata(*names)["00100020"]["Value"] == [row.PatientID]
for call in (
    lambda: research.retrieve_instance(study, series, instance),
    lambda: research.store_instances(objects[:1]),
    lambda: client("guess").search_for_studies(),
):
    try:
        call()
        raise AssertionError("what must be refused was answered")
    except requests.HTTPError as error:
        assert error.response.status_code in (401, 403, 404), error
        assert error.response.headers["content-type"] == "application/problem+json"
        json.load(io.BytesIO(error.response.content))

print(f"dicomweb-client: {len(objects)} objects stored, found and retrieved as they are")
