"""Files of every format, as bytes; a folder is its files by their names."""

import io

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

from tests.zips import unzipped, zipped

CSV = "text,label\ngood,1\nbad,0\n"
JSON_LINES = '{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n'
ROWS = [("good", "1"), ("bad", "0")]
SHEET, SHARED = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"
"""Parts of a workbook."""


def parquet(columns=None, **how):
    content = io.BytesIO()
    columns = columns or {"text": ["good", "bad"], "label": [1, 0]}
    pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), content, **how)
    return content.getvalue()


def workbook(**sheets):
    book, content = openpyxl.Workbook(), io.BytesIO()
    book.remove(book.active)
    for name, rows in (sheets or {"Films": [["text", "label"], ["good", 1], ["bad", 0]]}).items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(content)
    return content.getvalue()


def rewritten(content, part, change):
    """A workbook with another content of one part."""
    parts = unzipped(content)
    return zipped({**parts, part: change(parts.get(part, b""))})


def from_excel():
    """A workbook whose only text, "good", stands apart from the sheet; openpyxl writes it into its cell."""
    inside = b't="inlineStr"><is><t>good</t></is>'
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    override = f'<Override PartName="/{SHARED}" ContentType="{kind}"/></Types>'.encode()
    namespace = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts = unzipped(workbook(Films=[["text"], ["good"]]))
    parts[SHEET] = parts[SHEET].replace(inside, b't="s"><v>0</v>')
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", override)
    return zipped({**parts, SHARED: b'<sst xmlns="%s"><si><t>good</t></si></sst>' % namespace})


def rows_of(table):
    """All rows of a table, in the order of its batches."""
    return [row for batch in table.batches() for row in zip(*batch.columns.values(), strict=True)]
