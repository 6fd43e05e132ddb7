"""Where files are kept: the folder MEDIA_ROOT, or a private bucket of S3-compatible storage."""

import os

PALIER_S3_BUCKET = os.environ.get("PALIER_S3_BUCKET", "").strip()
FILES: dict[str, object] = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
if PALIER_S3_BUCKET:
    FILES = {
        "BACKEND": "portal.object_storage.PrivateS3Storage",
        "OPTIONS": {
            "bucket_name": PALIER_S3_BUCKET,
            "endpoint_url": os.environ.get("PALIER_S3_ENDPOINT") or None,
            "region_name": os.environ.get("PALIER_S3_REGION") or None,
            "access_key": os.environ.get("PALIER_S3_KEY") or None,
            "secret_key": os.environ.get("PALIER_S3_SECRET") or None,
            "location": os.environ.get("PALIER_S3_PREFIX", ""),
        },
    }

# Where files of figures go (requests/reporting): a bucket of the landlord's own, or else a folder
# of its SFTP server; {}: none leave.
PALIER_EXPORT_STORAGE: dict = {}
if bucket := os.environ.get("PALIER_EXPORT_S3_BUCKET", "").strip():
    PALIER_EXPORT_STORAGE = {
        "BACKEND": "portal.object_storage.PrivateS3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": os.environ.get("PALIER_EXPORT_S3_ENDPOINT") or None,
            "region_name": os.environ.get("PALIER_EXPORT_S3_REGION") or None,
            "access_key": os.environ.get("PALIER_EXPORT_S3_KEY") or None,
            "secret_key": os.environ.get("PALIER_EXPORT_S3_SECRET") or None,
            "file_overwrite": True,  # a try that is made again writes the same file
        },
    }
elif host := os.environ.get("PALIER_EXPORT_SFTP_HOST", "").strip():
    PALIER_EXPORT_STORAGE = {
        "BACKEND": "portal.sftp_storage.SftpStorage",
        "OPTIONS": {
            "host": host,
            "port": int(os.environ.get("PALIER_EXPORT_SFTP_PORT") or 22),
            "user": os.environ.get("PALIER_EXPORT_SFTP_USER", "").strip(),
            "folder": os.environ.get("PALIER_EXPORT_SFTP_FOLDER", "").strip(),
            "key_file": os.environ.get("PALIER_EXPORT_SFTP_KEY_FILE", "").strip(),
            # Several, while a server changes its key: separated by commas.
            "host_keys": [
                key.strip()
                for key in os.environ.get("PALIER_EXPORT_SFTP_HOST_KEY", "").split(",")
                if key.strip()
            ],
        },
    }

# Streets of the staff's map: a folder of PMTiles files among which the console chooses, and, where
# nginx hands them out itself, the internal location that leads there ("/map-files/").
PALIER_MAP_FILES = os.environ.get("PALIER_MAP_FILES", "").strip()
PALIER_MAP_ACCEL = os.environ.get("PALIER_MAP_ACCEL", "").strip()
