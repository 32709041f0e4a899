"""Method and path of each operation, as the API's document has them (`components/api/openapi.yaml`).

A table, because the gateway has matched the path already and says which one it was.
"""

OPERATIONS = {
    ("GET", "/me"): "getMe",
    ("GET", "/uploads"): "listUploads",
    ("POST", "/uploads"): "createUpload",
    ("GET", "/uploads/{upload}"): "getUpload",
    ("DELETE", "/uploads/{upload}"): "abortUpload",
    ("GET", "/uploads/{upload}/parts"): "listParts",
    ("POST", "/uploads/{upload}/parts"): "signParts",
    ("POST", "/uploads/{upload}/complete"): "completeUpload",
    ("GET", "/files"): "listFiles",
    ("GET", "/files/{file}"): "getFile",
    ("DELETE", "/files/{file}"): "deleteFile",
    ("GET", "/files/{file}/links"): "getLinks",
    ("GET", "/files/{file}/preview"): "getPreview",
    ("GET", "/files/{file}/result"): "getResult",
    ("POST", "/files/{file}/redrive"): "redriveFile",
}
