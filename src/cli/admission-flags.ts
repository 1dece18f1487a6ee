import { type Command, Option } from 'commander';

/** The flags of admission as commander hands them over; they have the names of kube-apiserver's. */
export interface AdmissionFlags {
  readonly enableAdmissionPlugins?: string;
  readonly disableAdmissionPlugins?: string;
  readonly admissionControlConfigFile?: string;
  /** Of our own: elsewhere a controller does it. */
  readonly policyStatus: 'all' | 'none';
}

/** Adds them to a command. */
export function addAdmissionFlags(command: Command): Command {
  return command
    .option('--enable-admission-plugins <names>', 'admission plugins beside those that are on by default')
    .option('--disable-admission-plugins <names>', 'admission plugins that are on by default and shall not be')
    .option('--admission-control-config-file <file>', 'how plugins are configured (AdmissionConfiguration)')
    .addOption(
      new Option('--policy-status <policies>', 'whether validating policies are told which of their types are wrong')
        .choices(['all', 'none'])
        .default('none'),
    );
}
