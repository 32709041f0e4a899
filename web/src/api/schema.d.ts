// Generated from components/api/openapi.yaml by `npm run generate`.

export interface paths {
    "/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who calls, and what limits hold */
        get: operations["getMe"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** The caller's uploads that are not complete */
        get: operations["listUploads"];
        put?: never;
        /**
         * Start an upload
         * @description A small file is one part, a larger one many of `part_bytes` each but the last. With the same `Idempotency-Key` and the same body the same upload is answered while it is open, and when it is complete; once it was given up, has run out, or its file was deleted, a new one takes its place, under the same id. With another body it is refused (409). A file larger than the stack takes is refused (413). `sha256` is held against the bytes: of a file of one part when it is sent; of several parts when the file is processed, which is rejected if it has another.
         */
        post: operations["createUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{upload}": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        /** One upload */
        get: operations["getUpload"];
        put?: never;
        post?: never;
        /**
         * Give an upload up
         * @description What was sent is deleted. Giving up twice is no error; a complete upload is not given up (409).
         */
        delete: operations["abortUpload"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{upload}/parts": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        /**
         * The parts that have arrived
         * @description What a client needs to go on after it was stopped.
         */
        get: operations["listParts"];
        put?: never;
        /**
         * Links by which parts are sent
         * @description Send each part by PUT to its `url` with exactly its `headers`. The checksum is signed: S3 refuses other bytes. A link that has run out is asked for again.
         */
        post: operations["signParts"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/uploads/{upload}/complete": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Make a file of the parts
         * @description Refused (409) while parts are missing. Completing twice answers the same file. Processing starts by itself.
         */
        post: operations["completeUpload"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Files, newest first
         * @description Of the caller's folder; an operator's list has all folders.
         */
        get: operations["listFiles"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{file}": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        /** One file, with its ledger */
        get: operations["getFile"];
        put?: never;
        post?: never;
        /**
         * Delete a file, all of its versions and their results
         * @description If the stack's settings allow it (else 403), and only when the processing of all of its versions has ended (else 409). With 202 it is not shown any more, in no list and by no other operation (404); its links stop working within minutes. Once more while that goes on is 202 again, later 404. What is uploaded under the same name meanwhile is another file, and stays. Files that were members of it stay. The ledger notes who deleted it, and is kept; the backup is kept as long as the settings say.
         */
        delete: operations["deleteFile"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{file}/links": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        /**
         * Signed links to everything that was made of a file
         * @description Only of a file that has succeeded (else 409), and in which no malware was found since (else 410). Each call signs anew.
         */
        get: operations["getLinks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{file}/preview": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        /**
         * The first rows and the first rejected ones
         * @description Only of a file that has succeeded (else 409, or 410 as for links). `rows` is empty for a file that has no records, and where they are delivered as Parquet alone.
         */
        get: operations["getPreview"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{file}/result": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        /**
         * The file's result.json
         * @description Only of a file that has succeeded (else 409, or 410 as for links). It has a schema and a version of its own.
         */
        get: operations["getResult"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/files/{file}/redrive": {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Process a failed file once more
         * @description Only a file that has failed (else 409). Twice at once is one attempt.
         */
        post: operations["redriveFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        State: "received" | "scanning" | "processing" | "succeeded" | "rejected" | "failed";
        Sha256: string;
        Problem: {
            /** @description Which problem; `about:blank` where the status says all. */
            type: string;
            title: string;
            status: number;
            /** @description A sentence for a person. */
            detail?: string;
            /** @description The correlation id, as `urn:correlation:…`. */
            instance?: string;
            /** @description What is wrong with the request, one by one. */
            errors?: {
                detail: string;
                /** @description JSON Pointer into the body. */
                pointer?: string;
                parameter?: string;
            }[];
        };
        Me: {
            /** @description For the screen. */
            name: string;
            /** @description First segment of the names of the caller's files. */
            folder: string;
            /** @description Sees all folders and may redrive. */
            operator: boolean;
            may_delete: boolean;
            /** Format: int64 */
            max_file_bytes: number;
        };
        NewUpload: {
            /** @description Within the caller's folder; `/` makes folders in it. */
            name: string;
            /** Format: int64 */
            size: number;
            type?: string;
            sha256?: components["schemas"]["Sha256"];
        };
        Upload: {
            id: string;
            /** @description The whole name, with the folder. */
            name: string;
            /** @description The file's id. */
            file: string;
            /** Format: int64 */
            size: number;
            type?: string;
            sha256?: components["schemas"]["Sha256"];
            /**
             * Format: int64
             * @description Size of each part but the last.
             */
            part_bytes: number;
            /** @description How many there are; numbers begin at 1. */
            parts: number;
            /** @enum {string} */
            state: "open" | "complete" | "aborted";
            /** Format: date-time */
            created_at: string;
            /**
             * Format: date-time
             * @description Not complete by then
             */
            expires_at: string;
            /** @description The version that it became, once complete. */
            version?: string;
        };
        Uploads: {
            uploads: components["schemas"]["Upload"][];
            next?: string;
        };
        PartsToSign: {
            parts: {
                number: number;
                sha256: components["schemas"]["Sha256"];
            }[];
        };
        SignedParts: {
            parts: {
                number: number;
                url: string;
                headers: {
                    [key: string]: string;
                };
                /** Format: date-time */
                expires_at: string;
            }[];
        };
        Parts: {
            parts: {
                number: number;
                /** Format: int64 */
                size: number;
                sha256?: components["schemas"]["Sha256"];
            }[];
            next?: string;
        };
        Completed: {
            file: string;
            name: string;
            version: string;
        };
        File: {
            id: string;
            name: string;
            version: string;
            state: components["schemas"]["State"];
            /** @description What is done with it now, while it is processed. */
            stage?: string;
            /** @description Groups of parts that a large file was cut into. */
            groups?: number;
            attempt: number;
            /** Format: int64 */
            size?: number;
            /** @description csv, jsonl, recipe, image, pdf, text, zip, …; known once it was looked at. */
            kind?: string;
            sha256?: components["schemas"]["Sha256"];
            /** @description Records taken. */
            accepted?: number;
            /** @description Records set aside. */
            rejected?: number;
            /** @description Why it was rejected or failed, in a sentence for its uploader. */
            reason?: string;
            /** Format: date-time */
            received_at: string;
            /** Format: date-time */
            updated_at: string;
            /** Format: date-time */
            ended_at?: string;
        };
        Files: {
            files: components["schemas"]["File"][];
            next?: string;
        };
        FileWithLedger: {
            file: components["schemas"]["File"];
            /** @description What happened to its versions, oldest first; of a long history the newest hundred. */
            ledger: {
                version: string;
                /** @enum {string} */
                state: "received" | "scanning" | "processing" | "succeeded" | "rejected" | "failed" | "deleting" | "deleted";
                attempt: number;
                /** Format: date-time */
                at: string;
                reason?: string;
                /** @description Who deleted it. */
                by?: string;
            }[];
        };
        Links: {
            links: {
                /** @description archive, clean, rejects, table, web, preview, thumbnail, … */
                role: string;
                /** @description What to call it when it is kept. */
                name: string;
                type?: string;
                url: string;
                /** Format: int64 */
                size: number;
                sha256?: components["schemas"]["Sha256"];
                /** Format: date-time */
                expires_at: string;
            }[];
        };
        Preview: {
            columns: {
                name: string;
                /** @description As in the table, such as BIGINT. */
                type?: string;
            }[];
            /** @description Values in the order of the columns, as they stand in the file. */
            rows: string[][];
            rejects: {
                line?: number;
                reason: string;
                raw?: string;
            }[];
            /** @description Sums of the kind, such as those of recipes. */
            totals?: {
                [key: string]: number;
            };
            /** @description The first lines of a text; a long one ends with an ellipsis. */
            text?: string;
        };
        Redriven: {
            file: string;
            version: string;
            attempt: number;
        };
    };
    responses: {
        /** @description Nothing has changed. */
        NotModified: {
            headers: {
                "X-Correlation-Id": components["headers"]["CorrelationId"];
                ETag: components["headers"]["ETag"];
                "Cache-Control": components["headers"]["CacheControl"];
                [name: string]: unknown;
            };
            content?: never;
        };
        /** @description What went wrong. With status 429 and 503 there is a `Retry-After`. */
        Problem: {
            headers: {
                "X-Correlation-Id": components["headers"]["CorrelationId"];
                "Retry-After": components["headers"]["RetryAfter"];
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: {
        /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
        CorrelationId: string;
        /** @description Chosen by the caller, one for each upload; remembered for a day at least. */
        IdempotencyKey: string;
        /** @description The `ETag` of an earlier answer; unchanged, the answer is 304 without a body. */
        IfNoneMatch: string;
        /** @description The `ETag` of the answer that the caller has seen; changed since, the answer is 412. */
        IfMatch: string;
        /** @description How many at most. */
        Limit: number;
        /** @description The `next` of the page before. */
        Cursor: string;
        /** @description The upload's id. */
        Upload: string;
        /** @description The file's id; it stands for the name, whatever version of it is the newest. */
        File: string;
    };
    requestBodies: never;
    headers: {
        /** @description Of the request, or a new one. */
        CorrelationId: string;
        /** @description The path of what was made. */
        Location: string;
        /** @description Changes with the answer. */
        ETag: string;
        /** @description Answers may be kept, but have to be asked for again. */
        CacheControl: string;
        /** @description Seconds after which it is worth trying again. */
        RetryAfter: number;
    };
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    getMe: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The caller. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Me"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listUploads: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Uploads"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    createUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
                /** @description Chosen by the caller, one for each upload; remembered for a day at least. */
                "Idempotency-Key"?: components["parameters"]["IdempotencyKey"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["NewUpload"];
            };
        };
        responses: {
            /** @description Started, or found again. */
            201: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    Location: components["headers"]["Location"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Upload"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    abortUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Given up. */
            204: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    listParts: {
        parameters: {
            query?: {
                /** @description The `next` of the page before. */
                cursor?: components["parameters"]["Cursor"];
            };
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description In order of their numbers. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Parts"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    signParts: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["PartsToSign"];
            };
        };
        responses: {
            /** @description One link for each part, in the order of the request. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["SignedParts"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    completeUpload: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The upload's id. */
                upload: components["parameters"]["Upload"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The file, whose processing begins. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Completed"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    listFiles: {
        parameters: {
            query?: {
                /** @description How many at most. */
                limit?: components["parameters"]["Limit"];
                /** @description The `next` of the page before. */
                cursor?: components["parameters"]["Cursor"];
                /** @description Only files in this state. */
                state?: components["schemas"]["State"];
                /** @description Only files whose whole names begin so; for an operator, its first segment chooses the folder. */
                prefix?: string;
                /** @description Only files received at this time or later. */
                since?: string;
                /** @description Only files received before this time. */
                until?: string;
            };
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
                /** @description The `ETag` of an earlier answer; unchanged, the answer is 304 without a body. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description One page. A page may hold fewer than were asked for; the last one has no `next`. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Files"];
                };
            };
            304: components["responses"]["NotModified"];
            default: components["responses"]["Problem"];
        };
    };
    getFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
                /** @description The `ETag` of an earlier answer; unchanged, the answer is 304 without a body. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it is now. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["FileWithLedger"];
                };
            };
            304: components["responses"]["NotModified"];
            default: components["responses"]["Problem"];
        };
    };
    deleteFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
                /** @description The `ETag` of the answer that the caller has seen; changed since, the answer is 412. */
                "If-Match"?: components["parameters"]["IfMatch"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Noted; it goes now. */
            202: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content?: never;
            };
            default: components["responses"]["Problem"];
        };
    };
    getLinks: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The archive first. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Links"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
    getPreview: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
                /** @description The `ETag` of an earlier answer; unchanged, the answer is 304 without a body. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description At most 20 rows and 20 rejected ones, long values cut. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Preview"];
                };
            };
            304: components["responses"]["NotModified"];
            default: components["responses"]["Problem"];
        };
    };
    getResult: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
                /** @description The `ETag` of an earlier answer; unchanged, the answer is 304 without a body. */
                "If-None-Match"?: components["parameters"]["IfNoneMatch"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description As it was written. */
            200: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    ETag: components["headers"]["ETag"];
                    "Cache-Control": components["headers"]["CacheControl"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": Record<string, never>;
                };
            };
            304: components["responses"]["NotModified"];
            default: components["responses"]["Problem"];
        };
    };
    redriveFile: {
        parameters: {
            query?: never;
            header?: {
                /** @description Comes back in the answer and stands in the logs, if it is 1 to 64 letters, digits or `_.:-`; for any other text there is a new one. */
                "X-Correlation-Id"?: components["parameters"]["CorrelationId"];
            };
            path: {
                /** @description The file's id; it stands for the name, whatever version of it is the newest. */
                file: components["parameters"]["File"];
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The new attempt has been started. */
            202: {
                headers: {
                    "X-Correlation-Id": components["headers"]["CorrelationId"];
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["Redriven"];
                };
            };
            default: components["responses"]["Problem"];
        };
    };
}
