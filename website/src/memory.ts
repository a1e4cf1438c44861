/** What this tab remembers over a reload or a new sign-in, for one person only. */

export interface Draft {
  name: string;
  /** As typed. */
  price: string;
  description: string;
  /** The state that is being edited; null for a new item. */
  etag: string | null;
}

/** Where somebody was. */
export interface Place {
  query: string;
  loaded: number;
  scroll: number;
  /** The item that was open: its id, NEW, or null. */
  open: string | null;
}

/** Instead of an id, for the item that has none yet. */
export const NEW = "#new";

const PREFIX = "items:";

export class Memory {
  private readonly prefix: string;

  constructor(
    sub: string,
    private readonly storage: Storage = sessionStorage,
  ) {
    this.prefix = `${PREFIX}${sub}:`;
    // Somebody else's, who used this tab before.
    for (const key of this.keys(PREFIX)) {
      if (!key.startsWith(this.prefix)) storage.removeItem(key);
    }
  }

  draft(id: string): Draft | null {
    return this.read<Draft>(`draft:${id}`);
  }

  keepDraft(id: string, draft: Draft): void {
    this.write(`draft:${id}`, draft);
  }

  dropDraft(id: string): void {
    this.storage.removeItem(`${this.prefix}draft:${id}`);
  }

  /** The ids of items with a draft, NEW among them. */
  drafts(): string[] {
    const prefix = `${this.prefix}draft:`;
    return this.keys(prefix).map((key) => key.slice(prefix.length));
  }

  place(): Place | null {
    return this.read<Place>("place");
  }

  keepPlace(place: Place): void {
    this.write("place", place);
  }

  forget(): void {
    for (const key of this.keys(PREFIX)) this.storage.removeItem(key);
  }

  private keys(prefix: string): string[] {
    const all = Array.from({ length: this.storage.length }, (_, n) => this.storage.key(n) ?? "");
    return all.filter((key) => key.startsWith(prefix));
  }

  private read<T>(name: string): T | null {
    const text = this.storage.getItem(this.prefix + name);
    return text === null ? null : (JSON.parse(text) as T);
  }

  private write(name: string, value: unknown): void {
    this.storage.setItem(this.prefix + name, JSON.stringify(value));
  }
}
