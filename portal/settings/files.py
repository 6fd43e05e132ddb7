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
