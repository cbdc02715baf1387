import type { ErrorCode } from "../errors.ts";

/** Why Slack does not take a message, and what to do about it. */
export interface Refusal {
  readonly code: ErrorCode;
  /** Half a sentence. */
  readonly cause: string;
  readonly remedy: string;
}

/** The errors that Slack documents for chat.postMessage, chat.update and incoming webhooks, by what they come to. */
const refusals: readonly (Refusal & { readonly errors: string })[] = [
  {
    errors: "channel_not_found invalid_channel",
    code: "slack.not-found",
    cause: "there is no such channel, or it is private and the app is not in it",
    remedy:
      "Check the spelling, or give the channel's id; into a private channel, invite the app: /invite @app.",
  },
  {
    errors: "not_in_channel",
    code: "slack.not-found",
    cause: "the app is not in that channel",
    remedy: "Invite it there (/invite @app), or give it the scope chat:write.public.",
  },
  {
    errors: "is_archived channel_is_archived is_inactive",
    code: "slack.not-found",
    cause: "the channel is archived",
    remedy: "Take another channel, or let somebody unarchive it.",
  },
  {
    errors: "user_not_found team_not_found",
    code: "slack.not-found",
    cause: "the person or workspace that it is for is gone",
    remedy: "Take another channel, or make a new webhook.",
  },
  {
    errors: "thread_not_found message_not_found",
    code: "slack.not-found",
    cause: "the message that it goes on from has been deleted",
    remedy: "Nothing to do: the next run begins a new one.",
  },
  {
    errors:
      "restricted_action restricted_action_read_only_channel restricted_action_thread_only_channel restricted_action_non_threadable_channel action_prohibited posting_to_general_channel_denied ekm_access_denied access_denied accesslimited team_access_not_granted enterprise_is_restricted two_factor_setup_required slack_connect_file_link_sharing_blocked",
    code: "slack.unauthorized",
    cause: "a setting of the workspace or of the channel does not let the app post there",
    remedy: "Ask an administrator of the workspace, or take another channel.",
  },
  {
    errors: "not_authed invalid_auth invalid_token token_revoked token_expired account_inactive",
    code: "slack.unauthorized",
    cause: "the token is wrong, expired or revoked, or the app was removed",
    remedy:
      "Install the app again, and put its Bot User OAuth Token (xoxb-...) into the variable that `slack-token` names.",
  },
  {
    errors: "no_service no_service_id no_active_hooks no_team",
    code: "slack.unauthorized",
    cause: "the webhook was removed or is switched off",
    remedy: "Make a new incoming webhook, and put its address into the variable that `webhook` names.",
  },
  {
    errors: "missing_scope no_permission not_allowed_token_type as_user_not_supported",
    code: "slack.unauthorized",
    cause: "the token may not do this",
    remedy: "Give the app the bot scope chat:write, and install it again; only a bot token will do.",
  },
  {
    errors:
      "invalid_blocks invalid_blocks_format invalid_payload invalid_attachments block_mismatch markdown_text_conflict",
    code: "message.invalid",
    cause: "the blocks are not what Block Kit allows",
    remedy:
      "Paste the template into Slack's Block Kit Builder, which shows what is wrong; mind text that a hole leaves empty.",
  },
  {
    errors: "msg_too_long msg_blocks_too_long too_many_attachments metadata_too_large",
    code: "message.invalid",
    cause: "the message is too long as a whole",
    remedy: "Make the template shorter: all blocks together may have about 13,000 characters.",
  },
  {
    errors: "no_text missing_text_or_fallback_or_attachments",
    code: "message.invalid",
    cause: "there is no text in it",
    remedy: "Give the template a `text` or `blocks`.",
  },
  {
    errors:
      "cant_update_message edit_window_closed update_failed streaming_state_conflict cant_broadcast_message",
    code: "slack.failed",
    cause: "the message cannot be changed any more, by this app at least",
    remedy:
      "Use the same app in all jobs of the workflow, and let the workspace allow edits; a new `thread` begins anew.",
  },
  {
    errors: "ratelimited rate_limited message_limit_exceeded",
    code: "slack.failed",
    cause: "the app has posted too much",
    remedy: "Post less: one message a second for each channel, and few channels.",
  },
  {
    errors:
      "internal_error fatal_error service_unavailable request_timeout rollup_error team_added_to_org org_login_required external_channel_migrating",
    code: "slack.failed",
    cause: "Slack has trouble of its own",
    remedy: "Look at slack-status.com; the message may or may not be there.",
  },
];

/** An error that nobody has heard of is explained as well as can be. */
export function explainError(error: string): Refusal {
  const known = refusals.find(({ errors }) => errors.split(" ").includes(error));
  if (known !== undefined) return known;
  return {
    code: "slack.failed",
    cause: "Slack does not take it as it is",
    remedy: `Slack's reference of chat.postMessage says what ${error} means.`,
  };
}

/** Slack says by these that it has done nothing, and may do it later. */
export function isPassing(error: string): boolean {
  return ["ratelimited", "rate_limited", "service_unavailable"].includes(error);
}
