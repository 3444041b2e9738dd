"""The least that could do the same writes: FastAPI and psycopg, the file as it came, as many rows, one commit.

No key, no validation, no decoding, no encryption, no row-level security, no events: what remains is the floor.
"""

import asyncio
import json
import os
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psycopg
from fastapi import FastAPI, Form, UploadFile

CONNECTIONS = 10
FOLDER = Path(os.environ["BENCH_FOLDER"])
ROWS = int(os.environ["BENCH_ROWS"])
free: asyncio.Queue[psycopg.AsyncConnection] = asyncio.Queue()


@asynccontextmanager
async def connected(_app: FastAPI):
    lines = [await psycopg.AsyncConnection.connect(os.environ["BENCH_URL"]) for _ in range(CONNECTIONS)]
    for line in lines:
        free.put_nowait(line)
    yield
    for line in lines:
        await line.close()


app = FastAPI(lifespan=connected)


def keep(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


@app.get("/ready")
async def ready():
    return {"ready": True}


@app.post("/documents", status_code=201)
async def submit(files: UploadFile, applicant: Annotated[str, Form()], external_id: Annotated[str, Form()]):
    key = uuid4()
    await asyncio.to_thread(keep, FOLDER / str(key), await files.read())
    body = json.dumps({"id": str(key), "external_id": external_id, "applicant": applicant})
    line = await free.get()
    try:
        async with line.transaction(), line.cursor() as cursor:
            for number in range(ROWS):
                await cursor.execute(
                    "insert into bench_rows (id, number, body) values (%s, %s, %s)", (key, number, body)
                )
    finally:
        free.put_nowait(line)
    return {"id": str(key)}
