// Commands kept on the device until the server acknowledged them: a reload, a crash or a day without a
// connection loses none. IndexedDB where there is one (private windows may refuse), else memory.

export interface Kept {
  client_id: string;
  /** Whose command it is: the next person at the same device must not send it as theirs. */
  account: string;
  /** The place it was meant for (`keyOf`). */
  session: string;
  type: string;
  body: Record<string, unknown>;
}

const STORE = "commands";

export class Outbox {
  private readonly memory = new Map<string, Kept>();
  private readonly opened: Promise<IDBDatabase | null>;

  constructor(
    private readonly account: string,
    private readonly session: string,
    name = "majlis-outbox",
  ) {
    this.opened = open(name);
  }

  /** What earlier pages of this account left for this place, oldest first (UUIDv7 sorts by time). */
  async load(): Promise<Kept[]> {
    const stored = (await this.run<Kept[]>("readonly", (store) => store.getAll())) ?? [];
    for (const kept of stored) {
      if (kept.account === this.account && kept.session === this.session)
        this.memory.set(kept.client_id, kept);
    }
    return this.all();
  }

  all(): Kept[] {
    return [...this.memory.values()].sort((one, other) => (one.client_id < other.client_id ? -1 : 1));
  }

  get size(): number {
    return this.memory.size;
  }

  /** Resolves when it is on the device, or at once in memory where nothing can be stored. */
  async add(kept: Kept): Promise<void> {
    this.memory.set(kept.client_id, kept);
    await this.run("readwrite", (store) => store.put(kept));
  }

  async remove(clientId: string): Promise<void> {
    this.memory.delete(clientId);
    await this.run("readwrite", (store) => store.delete(clientId));
  }

  private async run<T>(
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T | null> {
    const database = await this.opened;
    if (!database) return null;
    return new Promise((resolve) => {
      try {
        const transaction = database.transaction(STORE, mode);
        const request = work(transaction.objectStore(STORE));
        transaction.oncomplete = () => resolve(request.result as T);
        // Full or refused: the command still lives in memory and is sent from there.
        transaction.onerror = transaction.onabort = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }
}

function open(name: string): Promise<IDBDatabase | null> {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE, { keyPath: "client_id" });
      request.onsuccess = () => resolve(request.result);
      request.onerror = request.onblocked = () => resolve(null);
    } catch {
      resolve(null);
    }
  });
}
