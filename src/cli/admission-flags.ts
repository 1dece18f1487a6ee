import type { Command } from 'commander';

/** The flags of admission as commander hands them over; they have the names of kube-apiserver's. */
export interface AdmissionFlags {
  readonly enableAdmissionPlugins?: string;
  readonly disableAdmissionPlugins?: string;
  readonly admissionControlConfigFile?: string;
}

/** Adds them to a command. */
export function addAdmissionFlags(command: Command): Command {
  return command
    .option('--enable-admission-plugins <names>', 'admission plugins beside those that are on by default')
    .option('--disable-admission-plugins <names>', 'admission plugins that are on by default and shall not be')
    .option('--admission-control-config-file <file>', 'how plugins are configured (AdmissionConfiguration)');
}
