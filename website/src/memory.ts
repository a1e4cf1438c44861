/** The tab's memory over a reload or a new sign-in, for one person only. */

import { APP_NAME } from "./config";
import { BLANK, type Typed } from "./fields";

export interface Draft extends Typed {
  /** The state to change, null for a new item. */
  etag: string | null;
}

/** A place in the list. */
export interface Place {
  loaded: number;
  scroll: number;
}

/** Stands for the id of a new item, which gets one when it is saved. */
export const NEW = "#new";

/** The prefix of this page's keys, in each storage. */
export const PREFIX = `${APP_NAME}:`;

export class Memory {
  private readonly prefix: string;
  /** The values that a full storage refused. */
  private readonly unkept = new Map<string, string>();

  /** Calls `onFull` when a value is first kept until a reload only. */
  constructor(
    sub: string,
    private readonly storage: Storage,
    private readonly onFull: () => void = () => {},
  ) {
    this.prefix = `${PREFIX}${sub}:`;
    // Drafts of another person who used this tab before.
    for (const key of keys(storage)) {
      if (!key.startsWith(this.prefix)) storage.removeItem(key);
    }
  }

  draft(id: string): Draft | null {
    const draft = this.read<Draft>(`draft:${id}`);
    // An earlier version of the page may have had other fields.
    return draft && { ...BLANK, ...draft };
  }

  keepDraft(id: string, draft: Draft): void {
    this.write(`draft:${id}`, draft);
  }

  dropDraft(id: string): void {
    const key = `${this.prefix}draft:${id}`;
    this.unkept.delete(key);
    this.storage.removeItem(key);
  }

  /** Returns the ids of items with a draft, NEW among them. */
  drafts(): string[] {
    const prefix = `${this.prefix}draft:`;
    const all = new Set([...keys(this.storage), ...this.unkept.keys()]);
    return [...all].filter((key) => key.startsWith(prefix)).map((key) => key.slice(prefix.length));
  }

  place(): Place | null {
    return this.read<Place>("place");
  }

  keepPlace(place: Place): void {
    this.write("place", place);
  }

  private read<T>(name: string): T | null {
    const key = this.prefix + name;
    const text = this.unkept.get(key) ?? this.storage.getItem(key);
    return text === null ? null : (JSON.parse(text) as T);
  }

  private write(name: string, value: unknown): void {
    const key = this.prefix + name;
    const text = JSON.stringify(value);
    try {
      this.storage.setItem(key, text);
      this.unkept.delete(key);
    } catch {
      this.storage.removeItem(key);
      if (this.unkept.size === 0) this.onFull();
      this.unkept.set(key, text);
    }
  }
}

/** Clears this page's keys in the tab. */
export function forgetAll(storage: Storage): void {
  for (const key of keys(storage)) storage.removeItem(key);
}

function keys(storage: Storage): string[] {
  const all = Array.from({ length: storage.length }, (_, n) => storage.key(n) ?? "");
  return all.filter((key) => key.startsWith(PREFIX));
}
