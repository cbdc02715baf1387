/** A job of a compiled configuration, as it is written there. */
interface CompiledJob {
  readonly name: string;
  readonly text: string;
}

/** The variable by which a step that calls back is known in a compiled configuration. */
export const callbackSign = "CIRCLEBACK_PARAM_ON_FAILURE";

/**
 * The jobs of a compiled configuration. It is read line by line, in the one form in which CircleCI writes it: what
 * looks different is not found.
 */
export function splitJobs(config: string): readonly CompiledJob[] {
  const [, jobs = ""] = /^jobs:\n((?:(?: .*)?\n)*)/m.exec(`${config}\n`) ?? [];
  return jobs.split(/^(?= {2}\S)/m).flatMap((text) => {
    const [, name] = /^ {2}["']?([^"'\n]+?)["']?:\n/.exec(text) ?? [];
    return name === undefined ? [] : [{ name, text }];
  });
}

/** Names of the jobs that call back, whatever else they do. */
export function listCallers(config: string): readonly string[] {
  return splitJobs(config).flatMap(({ name, text }) => (text.includes(`${callbackSign}:`) ? [name] : []));
}
