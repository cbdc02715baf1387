/** The parts of Slack's Block Kit that the built-in messages are made of (docs.slack.dev, Block Kit reference). */

interface PlainText {
  readonly type: "plain_text";
  readonly text: string;
}

interface Mrkdwn {
  readonly type: "mrkdwn";
  readonly text: string;
  /** True: nothing in it becomes a link or a mention but what is written as one. */
  readonly verbatim: true;
}

export type Text = PlainText | Mrkdwn;

interface Section {
  readonly type: "section";
  readonly text?: Text;
  readonly fields?: readonly Text[];
  readonly accessory?: { readonly type: "image"; readonly image_url: string; readonly alt_text: string };
}

interface Actions {
  readonly type: "actions";
  readonly elements: readonly {
    readonly type: "button";
    readonly text: PlainText;
    readonly url: string;
    readonly style?: "primary";
  }[];
}

export type Block = Section | Actions;

export interface Message {
  /** What notifications show, and readers of the screen. */
  readonly text: string;
  /** Of this module's types, or as a template has them. */
  readonly blocks?: readonly object[];
}

export function plain(text: string): PlainText {
  return { type: "plain_text", text };
}

export function mrkdwn(text: string): Mrkdwn {
  return { type: "mrkdwn", text, verbatim: true };
}
