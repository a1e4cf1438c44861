import { beforeEach, describe, expect, it } from "vitest";
import { BLANK } from "../src/fields";
import { forgetAll, Memory, NEW } from "../src/memory";
import { FakeStorage } from "./storage";

const draft = { ...BLANK, name: "Lamp", price: "1", etag: null };
const place = { loaded: 50, scroll: 300 };

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

  it("reads a draft that an older page kept without a field", () => {
    new Memory("alice", storage).keepDraft("a", draft);
    const [key = ""] = [...Array(storage.length).keys()].map((n) => storage.key(n) ?? "");
    storage.setItem(key, JSON.stringify({ name: "Lamp", price: "1", etag: null }));
    expect(new Memory("alice", storage).draft("a")).toEqual(draft);
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
    forgetAll(storage);
    expect(storage.length).toBe(1);
  });

  it("keeps what a full storage does not take until a reload, and says so once", () => {
    storage.setItem = () => {
      throw new DOMException("full", "QuotaExceededError");
    };
    let told = 0;
    const memory = new Memory("alice", storage, () => told++);
    memory.keepDraft("a", draft);
    memory.keepDraft("b", draft);
    expect([memory.draft("a"), memory.drafts(), told]).toEqual([draft, ["a", "b"], 1]);
    memory.dropDraft("a");
    expect(memory.drafts()).toEqual(["b"]);
  });
});
