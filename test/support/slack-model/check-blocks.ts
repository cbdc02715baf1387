import { Violation } from "./violation.ts";

/**
 * What Block Kit's reference demands of the blocks of a message; each problem as Slack words it, with a pointer.
 * A kind of block that this model does not know is a violation, so that nothing passes unseen.
 */
export function checkBlocks(blocks: unknown): readonly string[] {
  const problems: string[] = [];
  const note = (path: string, problem: string) =>
    problems.push(`[ERROR] ${problem} [json-pointer:/blocks${path}]`);
  if (!Array.isArray(blocks)) return ["[ERROR] must be an array [json-pointer:/blocks]"];
  if (blocks.length > 50) note("", "no more than 50 items allowed");
  blocks.forEach((block: unknown, index) => {
    if (isObject(block)) checkBlock(block, `/${index}`, note);
    else note(`/${index}`, "must be an object");
  });
  return problems;
}

type Note = (path: string, problem: string) => void;
type Json = Readonly<Record<string, unknown>>;

function checkBlock(block: Json, path: string, note: Note): void {
  const check = checks[String(block.type)];
  if (check === undefined) {
    throw new Violation(`the model knows no block "${String(block.type)}" (${path})`);
  }
  check(block, path, note);
}

const checks: Readonly<Record<string, (block: Json, path: string, note: Note) => void>> = {
  divider: (block, path, note) => allowKeys(block, path, note, []),
  header(block, path, note) {
    allowKeys(block, path, note, ["text"]);
    checkText(block.text, `${path}/text`, note, { most: 150, types: ["plain_text"] });
  },
  section: checkSection,
  context(block, path, note) {
    allowKeys(block, path, note, ["elements"]);
    checkList(block.elements, `${path}/elements`, note, 10, (element, place) => {
      if (element.type === "image") checkImage(element, place, note);
      else checkText(element, place, note, { most: 3000 });
    });
  },
  actions(block, path, note) {
    allowKeys(block, path, note, ["elements"]);
    checkList(block.elements, `${path}/elements`, note, 25, (element, place) =>
      checkButton(element, place, note),
    );
  },
  image: checkImage,
  markdown(block, path, note) {
    allowKeys(block, path, note, ["text"]);
    checkLength(block.text, `${path}/text`, note, 12_000);
  },
};

function checkSection(block: Json, path: string, note: Note): void {
  allowKeys(block, path, note, ["text", "fields", "accessory"]);
  if (block.text === undefined && block.fields === undefined) {
    note(path, "must define either `text` or `fields`");
  }
  if (block.text !== undefined) checkText(block.text, `${path}/text`, note, { most: 3000 });
  if (block.fields !== undefined) {
    checkList(block.fields, `${path}/fields`, note, 10, (field, place) =>
      checkText(field, place, note, { most: 2000 }),
    );
  }
  if (!isObject(block.accessory)) return;
  if (block.accessory.type === "image") checkImage(block.accessory, `${path}/accessory`, note);
  else checkButton(block.accessory, `${path}/accessory`, note);
}

function checkButton(element: Json, path: string, note: Note): void {
  if (element.type !== "button") throw new Violation(`the model knows no element "${String(element.type)}"`);
  allowKeys(element, path, note, ["text", "url", "style", "value", "action_id"]);
  checkText(element.text, `${path}/text`, note, { most: 75, types: ["plain_text"] });
  if (element.url !== undefined) checkUrl(element.url, `${path}/url`, note);
  if (element.style !== undefined && element.style !== "primary" && element.style !== "danger") {
    note(`${path}/style`, "must be one of the allowed values");
  }
}

function checkImage(image: Json, path: string, note: Note): void {
  allowKeys(image, path, note, ["image_url", "alt_text", "title"]);
  checkUrl(image.image_url, `${path}/image_url`, note);
  checkLength(image.alt_text, `${path}/alt_text`, note, 2000);
  if (image.title !== undefined)
    checkText(image.title, `${path}/title`, note, { most: 2000, types: ["plain_text"] });
}

function checkText(
  text: unknown,
  path: string,
  note: Note,
  { most, types = ["plain_text", "mrkdwn"] }: { readonly most: number; readonly types?: readonly string[] },
): void {
  if (!isObject(text) || !types.includes(String(text.type))) {
    note(path, "failed to match all allowed schemas");
    return;
  }
  const allowed = text.type === "mrkdwn" ? ["text", "verbatim"] : ["text", "emoji"];
  allowKeys(text, path, note, allowed);
  checkLength(text.text, `${path}/text`, note, most);
}

function checkLength(text: unknown, path: string, note: Note, most: number): void {
  if (typeof text !== "string") note(path, "must be a string");
  else if (text.length < 1) note(path, "must be more than 0 characters");
  else if (text.length > most) note(path, `must be less than ${most + 1} characters`);
}

function checkUrl(url: unknown, path: string, note: Note): void {
  if (typeof url !== "string" || !/^https?:\/\/[^\s<>]+$/.test(url) || url.length > 3000) {
    note(path, "must be a valid URL");
  }
}

function checkList(
  list: unknown,
  path: string,
  note: Note,
  most: number,
  checkItem: (item: Json, path: string) => void,
): void {
  if (!Array.isArray(list) || list.length === 0) {
    note(path, "must contain at least 1 item");
    return;
  }
  if (list.length > most) note(path, `no more than ${most} items allowed`);
  list.forEach((item: unknown, index) => {
    if (isObject(item)) checkItem(item, `${path}/${index}`);
    else note(`${path}/${index}`, "must be an object");
  });
}

function allowKeys(object: Json, path: string, note: Note, keys: readonly string[]): void {
  for (const key of Object.keys(object)) {
    if (key !== "type" && key !== "block_id" && !keys.includes(key)) {
      note(path, `additional property: ${key}`);
    }
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
