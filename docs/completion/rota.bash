# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bash completion for rota(1)
# shellcheck shell=bash

_rota_words() {
	# COMPREPLY from a list of words; mapfile keeps file names with blanks whole
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_rota() {
	local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} i
	local commands="stat record report export topology doctor demo help"
	local target="-p --pid -t --tid -c --cgroup -n --name -a --system --no-children --"
	local capture="-d --duration -o --output --fail-on-loss --ring --flush --syscalls --syscall-min --stacks --no-go --go-scan --go-exact"
	local views="--sort --worst --rows --explain --timeline --bottle --json --width"
	local common="--no-color -q --quiet -v --verbose -h --help"

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_rota_words "$commands --version --help" "$current"
		return
	fi
	for ((i = 2; i < COMP_CWORD; i++)); do
		if [[ ${COMP_WORDS[i]} == -- ]]; then # from here on it is another command's line
			if declare -F _command_offset >/dev/null; then
				_command_offset $((i + 1))
			elif ((i + 1 == COMP_CWORD)); then
				mapfile -t COMPREPLY < <(compgen -c -- "$current")
			fi
			return
		fi
	done
	if [[ $previous == --timeline && $current == = ]]; then # bash takes = for a word of its own
		_rota_words "thread p goroutine all" ""
		return
	fi
	if [[ $previous == = && ${COMP_WORDS[COMP_CWORD - 2]} == --timeline ]]; then
		_rota_words "thread p goroutine all" "$current"
		return
	fi
	case $previous in
	-p | --pid)
		_rota_words "$(ps -eo pid= 2>/dev/null)" "$current"
		return
		;;
	-n | --name)
		_rota_words "$(ps -eo comm= 2>/dev/null | tr ' ' '\n' | sort -u)" "$current"
		return
		;;
	-c | --cgroup | -o | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$current")
		return
		;;
	--state)
		_rota_words "running blocked runnable" "$current"
		return
		;;
	--by)
		_rota_words "thread cpu core process syscall wakeup blocked lock goroutine go-function go-wait runtime" "$current"
		return
		;;
	--to)
		[[ $command == export ]] && _rota_words folded "$current"
		return
		;;
	-t | --tid | -d | --duration | -I | --interval | --ring | --flush | --syscall-min | --sort | --worst | --rows | --width | --from | --until | --level)
		return
		;;
	esac
	case $command in
	stat) _rota_words "$target $capture -I --interval $views $common" "$current" ;;
	record) _rota_words "$target $capture $common" "$current" ;;
	report)
		if [[ $current == -* ]]; then
			_rota_words "--by --csv --from --to --check --fail-on-loss $views $common" "$current"
		else
			mapfile -t COMPREPLY < <(compgen -f -X '!*.rota' -- "$current"; compgen -d -S / -- "$current")
			compopt -o nospace 2>/dev/null
		fi
		;;
	export)
		if [[ $current == -* ]]; then
			_rota_words "--to --state --level --from --until $common" "$current"
		else
			mapfile -t COMPREPLY < <(compgen -f -X '!*.rota' -- "$current"; compgen -d -S / -- "$current")
			compopt -o nospace 2>/dev/null
		fi
		;;
	demo) _rota_words "sleepers turns parallel full crowd neighbours quota convoy pipeline readers journal siblings seats phases $views $common" "$current" ;;
	topology | doctor) _rota_words "--json $common" "$current" ;;
	help) _rota_words "$commands" "$current" ;;
	esac
}

complete -F _rota rota
