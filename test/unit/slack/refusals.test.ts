import { expect, test } from "vitest";
import { explainError } from "../../../src/slack/refusals.ts";

/** The errors in Slack's reference of chat.postMessage and chat.update that a message of ours can meet, and those of webhooks. */
const documented = `
  account_inactive access_denied accesslimited action_prohibited as_user_not_supported block_mismatch
  cant_broadcast_message cant_update_message channel_is_archived channel_not_found edit_window_closed
  ekm_access_denied enterprise_is_restricted external_channel_migrating fatal_error internal_error invalid_attachments
  invalid_auth invalid_blocks invalid_blocks_format invalid_payload is_archived is_inactive message_not_found
  metadata_too_large missing_scope msg_blocks_too_long msg_too_long no_active_hooks no_permission no_service no_text
  not_allowed_token_type not_authed not_in_channel org_login_required posting_to_general_channel_denied rate_limited
  ratelimited request_timeout restricted_action restricted_action_non_threadable_channel
  restricted_action_read_only_channel restricted_action_thread_only_channel rollup_error service_unavailable
  streaming_state_conflict team_access_not_granted team_added_to_org team_not_found token_expired token_revoked
  too_many_attachments two_factor_setup_required update_failed user_not_found`;

test.each(documented.trim().split(/\s+/))("knows the cause of %s, and a remedy", (error) => {
  expect(explainError(error).remedy).not.toContain("reference");
});

test.each([
  ["channel_not_found", "slack.not-found"],
  ["token_revoked", "slack.unauthorized"],
  ["invalid_blocks", "message.invalid"],
  ["fatal_error", "slack.failed"],
])("counts %s as %s", (error, code) => {
  expect(explainError(error).code).toBe(code);
});

test("says where to look for an error that it does not know", () => {
  expect(explainError("brand_new")).toEqual({
    code: "slack.failed",
    cause: "Slack does not take it as it is",
    remedy: "Slack's reference of chat.postMessage says what brand_new means.",
  });
});
