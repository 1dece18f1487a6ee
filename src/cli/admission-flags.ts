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

const ACCOUNTS = 'ServiceAccount';
/** Who makes what pods need to run as an account: the account, and the CA of its server. */
const MAKE_ACCOUNTS = ['serviceaccount-controller', 'root-ca-certificate-publisher-controller'];

/** With the controllers that make the accounts of pods, pods have one, as in any cluster; unless a flag says otherwise. */
export function flagsForControllers(
  { enableAdmissionPlugins: on = '', disableAdmissionPlugins: off = '' }: AdmissionFlags,
  controllers: readonly string[],
): Pick<AdmissionFlags, 'enableAdmissionPlugins'> {
  const isSet = [...on.split(','), ...off.split(',')].includes(ACCOUNTS);
  if (isSet || !MAKE_ACCOUNTS.every((name) => controllers.includes(name))) return { enableAdmissionPlugins: on };
  return { enableAdmissionPlugins: on === '' ? ACCOUNTS : `${on},${ACCOUNTS}` };
}
