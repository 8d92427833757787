"""Import and export of NDJSON."""

from storage.transfer.encoding import artifact_fields as artifact_fields  # noqa: PLC0414
from storage.transfer.export import export_lines as export_lines  # noqa: PLC0414
from storage.transfer.importing import RejectedLine as RejectedLine  # noqa: PLC0414
from storage.transfer.importing import Summary as Summary  # noqa: PLC0414
from storage.transfer.importing import import_lines as import_lines  # noqa: PLC0414
from storage.transfer.importing import import_sample as import_sample  # noqa: PLC0414
