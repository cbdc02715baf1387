/**
 * Texts that are keys by their form: tokens of CircleCI, keys of AWS, tokens of GitHub, GitLab, npm and Slack, private
 * keys, JSON web tokens, and URLs with a password.
 */
const forms =
  /^CCIP(AT|RJ)_|\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{30}|\bgithub_pat_|\bglpat-|\bnpm_\w{30}|\bxox[abprs]-|-----BEGIN|\beyJ[\w-]{10,}\.[\w-]+\.|:\/\/[^/\s:@]*:[^/\s@]+@/;

export function looksSecret(text: string): boolean {
  return forms.test(text);
}

/** Whether a secret stands where the name of its variable should: CircleCI's older tokens could be a commit elsewhere. */
export function looksPasted(text: string): boolean {
  return looksSecret(text) || /^[0-9a-f]{40}$/.test(text);
}
