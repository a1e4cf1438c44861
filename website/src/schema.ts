/**
 * The API's requests and responses, by docs/openapi.json. Do not edit: after a change of the schema
 * in chalicelib/items.py, `.venv/bin/python -m infra documents` writes both files.
 */

import type { ExactNumber } from "./exact_json";

/** A whole item. */
export interface Item {
  /** 1 to 128 characters of A-Z a-z 0-9 . _ ~ -, and neither "." nor ".." */
  id: string;
  /** 1 to 200 characters, not all of them blank */
  name: string;
  /** a JSON number, 0 or more, of at most 38 significant digits, below 1e126 and, unless 0, at least 1e-130 */
  price?: ExactNumber;
  /** at most 4,000 characters */
  description?: string;
  /** counts the changes; 1 when created */
  version: ExactNumber;
  /** UTC, RFC 3339, milliseconds */
  created_at: string;
  /** UTC, RFC 3339, milliseconds */
  updated_at: string;
}

/** The body of a PUT. An optional field that is left out is removed from the item. */
export interface ItemInput {
  /** 1 to 128 characters of A-Z a-z 0-9 . _ ~ -, and neither "." nor ".." */
  id: string;
  /** 1 to 200 characters, not all of them blank */
  name: string;
  /** a JSON number, 0 or more, of at most 38 significant digits, below 1e126 and, unless 0, at least 1e-130 */
  price?: ExactNumber;
  /** at most 4,000 characters */
  description?: string;
}

/** A page of a list. `cursor` is null on the last page. */
export interface ItemList {
  items: Array<ItemSummary>;
  cursor: string | null;
}

/** The item in a list. */
export interface ItemSummary {
  /** 1 to 128 characters of A-Z a-z 0-9 . _ ~ -, and neither "." nor ".." */
  id: string;
  /** 1 to 200 characters, not all of them blank */
  name: string;
  /** a JSON number, 0 or more, of at most 38 significant digits, below 1e126 and, unless 0, at least 1e-130 */
  price?: ExactNumber;
  /** counts the changes; 1 when created */
  version: ExactNumber;
  /** UTC, RFC 3339, milliseconds */
  created_at: string;
  /** UTC, RFC 3339, milliseconds */
  updated_at: string;
  /** the `ETag`, with its quotes, as `If-Match` takes it */
  etag: string;
}

/** A problem detail (RFC 9457). */
export interface Problem {
  type: string;
  title: string;
  status: ExactNumber;
  detail: string;
  /** The request's id. */
  instance: string;
  errors?: Array<{ field: string; message: string }>;
}

/** The query of `listItems`. */
export interface ListItemsQuery {
  /** a whole number from 1 to 100 */
  limit?: ExactNumber;
  /** "desc" (newest first) or "asc" */
  order?: "desc" | "asc";
  /** the cursor of a page of your own list */
  cursor?: string;
}

export const ITEM_INPUT = {
  id: { type: "string", required: true, minLength: 1, maxLength: 128 },
  name: { type: "string", required: true, minLength: 1, maxLength: 200 },
  price: { type: "number", required: false, minimum: "0", exclusiveMaximum: "1e+126" },
  description: { type: "string", required: false, maxLength: 4000 },
} as const;

export const LIST_ITEMS_QUERY = {
  limit: { type: "integer", required: false, minimum: "1", maximum: "100", default: "25" },
  order: { type: "string", required: false, default: "desc" },
  cursor: { type: "string", required: false },
} as const;
