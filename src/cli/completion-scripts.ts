/**
 * The script that completes `nekube` in a shell. It knows nothing but how to ask: every candidate comes from
 * `nekube __complete WORDS`, so that a newer nekube needs no new script.
 */
export function completionScript(shell: 'bash' | 'zsh' | 'fish'): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}

// Bash cuts words at = and :, while nekube wants them whole and bash wants back only what follows the last cut.
const BASH = `# Completion of nekube for bash: source <(nekube completion bash)
_nekube() {
  local line="\${COMP_LINE:0:COMP_POINT}" words current answer directive word cut
  COMPREPLY=()
  read -ra words <<<"$line"
  [[ "$line" == *[[:space:]] ]] && words+=("")
  current="\${words[\${#words[@]}-1]}"
  answer="$("\${words[0]}" __complete "\${words[@]:1}" 2>/dev/null)" || return
  directive="\${answer##*:}"
  answer="\${answer%:*}"
  cut="\${current%"\${current##*[=:]}"}"
  while IFS=$'\\t' read -r word _; do
    [[ -n "$word" ]] && COMPREPLY+=("\${word#"$cut"}")
  done <<<"$answer"
  (( directive & 2 )) && compopt -o nospace 2>/dev/null
  if (( \${#COMPREPLY[@]} == 0 && ! (directive & 4) )); then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "\${current#"$cut"}")
  fi
}
complete -F _nekube nekube
`;

const ZSH = `#compdef nekube
# Completion of nekube for zsh: source <(nekube completion zsh)
_nekube() {
  local answer directive line
  local -a candidates lines options
  answer="$("\${words[1]}" __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)" || return
  directive="\${answer##*:}"
  lines=("\${(@f)\${answer%:*}}")
  for line in $lines; do
    [[ -n "$line" ]] && candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  (( directive & 2 )) && options=(-S '')
  if (( \${#candidates} )); then
    _describe -t nekube nekube candidates $options
  elif (( ! (directive & 4) )); then
    _files
  fi
}
if [[ "$funcstack[1]" == _nekube ]]; then
  _nekube
else
  compdef _nekube nekube
fi
`;

const FISH = `# Completion of nekube for fish: nekube completion fish | source
function __nekube_complete
  set -l words (commandline -opc) (commandline -ct)
  set -l answer ($words[1] __complete $words[2..-1] 2>/dev/null)
  or return
  set -l directive (string sub -s 2 -- $answer[-1])
  set -e answer[-1]
  if test (count $answer) -eq 0; and test (math "bitand($directive, 4)") -eq 0
    __fish_complete_path (commandline -ct)
  else
    printf '%s\\n' $answer
  end
end
complete -c nekube -f -a '(__nekube_complete)'
`;
