/**
 * What this browser remembers of uploads that are under way: enough to find them again after a reload, with the file's
 * handle where the browser gives one. No content, no key. A browser that keeps nothing (private windows) is no error.
 */

export interface Remembered {
  /** The idempotency key. */
  key: string;
  folder: string;
  name: string;
  size: number;
  modified: number;
  type: string;
  /** Which sending of the same file it is. */
  attempt: number;
  /** The upload's id. */
  upload: string;
  handle?: FileSystemFileHandle;
}

const DATABASE = "penstock";
const STORE = "uploads";

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within<T>(mode: IDBTransactionMode, ask: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const database = await open();
  try {
    return await new Promise<T>((resolve, reject) => {
      const asked = ask(database.transaction(STORE, mode).objectStore(STORE));
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error);
    });
  } finally {
    database.close();
  }
}

async function remember(what: Remembered): Promise<void> {
  try {
    await within("readwrite", (store) => store.put(what));
  } catch {
    // The upload goes on all the same; after a reload it is found by the API's list.
    const { handle: _, ...rest } = what;
    await within("readwrite", (store) => store.put(rest)).catch(() => undefined);
  }
}

async function forget(key: string): Promise<void> {
  await within("readwrite", (store) => store.delete(key)).catch(() => undefined);
}

async function recall(folder: string): Promise<Remembered[]> {
  try {
    const all = (await within("readonly", (store) => store.getAll())) as Remembered[];
    return all.filter((each) => each.folder === folder);
  } catch {
    return [];
  }
}

export interface Memory {
  remember(what: Remembered): Promise<void>;
  forget(key: string): Promise<void>;
  /** Of one folder: others may have signed in with the same browser. */
  recall(folder: string): Promise<Remembered[]>;
}

export const memory: Memory = { remember, forget, recall };
