"""Zip files of tests."""

import io
import zipfile


def zipped(files, how=zipfile.ZIP_DEFLATED):
    """The content of a zip file with these files, name -> bytes or text."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", how) as archive:
        for name, inside in files.items():
            archive.writestr(name, inside)
    return content.getvalue()


def unzipped(content):
    """The files in a zip, of which a workbook is one: name -> bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}
