import { beforeEach, describe, expect, it } from "vitest";
import { Memory, NEW } from "../src/memory";

class FakeStorage implements Storage {
  private readonly values = new Map<string, string>();
  get length() {
    return this.values.size;
  }
  key = (index: number) => [...this.values.keys()][index] ?? null;
  getItem = (key: string) => this.values.get(key) ?? null;
  setItem = (key: string, value: string) => void this.values.set(key, value);
  removeItem = (key: string) => void this.values.delete(key);
  clear = () => this.values.clear();
}

const draft = { name: "Lamp", price: "1", description: "", etag: null };
const place = { query: "oak", loaded: 50, scroll: 300, open: "lamp" };

describe("Memory", () => {
  let storage: FakeStorage;
  beforeEach(() => {
    storage = new FakeStorage();
  });

  it("keeps drafts and the place over a reload", () => {
    const before = new Memory("alice", storage);
    before.keepDraft(NEW, draft);
    before.keepDraft("a#b:c", draft);
    before.keepPlace(place);
    const after = new Memory("alice", storage);
    expect(after.draft(NEW)).toEqual(draft);
    expect(after.drafts()).toEqual([NEW, "a#b:c"]);
    expect(after.place()).toEqual(place);
  });

  it("drops a draft", () => {
    const memory = new Memory("alice", storage);
    memory.keepDraft("a", draft);
    memory.dropDraft("a");
    expect(memory.draft("a")).toBeNull();
    expect(memory.drafts()).toEqual([]);
  });

  it("shows nobody what somebody else typed in this tab", () => {
    new Memory("alice", storage).keepDraft("a", draft);
    expect(new Memory("bob", storage).draft("a")).toBeNull();
    expect(new Memory("alice", storage).draft("a")).toBeNull();
  });

  it("forgets everything of its own and nothing else", () => {
    storage.setItem("oidc.user", "x");
    const memory = new Memory("alice", storage);
    memory.keepDraft("a", draft);
    memory.keepPlace(place);
    memory.forget();
    expect(storage.length).toBe(1);
  });
});
