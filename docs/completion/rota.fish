# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# fish completion for rota(1)

set -l commands stat record report export topology doctor demo help

complete -c rota -f
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a stat -d 'measure now, print a report'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a record -d 'write what happens to a file'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a report -d 'print the report of a recording'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a export -d 'write what a recording holds for other tools'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a topology -d 'show sockets, cores and hardware threads'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a doctor -d 'say whether rota works here'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a demo -d 'run a small known program and explain its report'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -a help -d 'explain a command'
complete -c rota -n "not __fish_seen_subcommand_from $commands" -l version -d 'print the version'

set -l live '__fish_seen_subcommand_from stat record'
complete -c rota -n $live -s p -l pid -x -a '(__fish_complete_pids)' -d 'processes'
complete -c rota -n $live -s t -l tid -x -d 'threads'
complete -c rota -n $live -s c -l cgroup -r -F -d 'a cgroup and those below it'
complete -c rota -n $live -s n -l name -x -d 'processes and threads by name'
complete -c rota -n $live -s a -l system -d 'everything'
complete -c rota -n $live -l no-children -d 'do not follow child processes'
complete -c rota -n $live -s d -l duration -x -d 'stop after this time'
complete -c rota -n $live -l ring -x -d 'size of each ring buffer'
complete -c rota -n $live -l flush -x -d 'collect records at least this often'
complete -c rota -n $live -l stacks -d 'record where in its code each thread is'
complete -c rota -n $live -l syscalls -d 'count and time system calls'
complete -c rota -n $live -l syscall-min -x -d 'calls this long are recorded singly'
complete -c rota -n $live -l no-go -d 'do not look into Go programs'
complete -c rota -n $live -l go-scan -d 'count what all goroutines wait for'
complete -c rota -n $live -l go-exact -d 'see each goroutine switch'

complete -c rota -n $live -s o -l output -r -F -d 'write to this file'
complete -c rota -n '__fish_seen_subcommand_from stat' -s I -l interval -x -d 'a report for each interval'

complete -c rota -n '__fish_seen_subcommand_from stat record report' -l fail-on-loss -d 'exit with 3 if records were lost'

set -l any "__fish_seen_subcommand_from stat record report export topology doctor demo"
complete -c rota -n $any -l no-color -d 'no colour'
complete -c rota -n $any -s q -l quiet -d 'only the result and errors'
complete -c rota -n $any -s v -l verbose -d 'say what is being done'

set -l views '__fish_seen_subcommand_from stat report demo'
complete -c rota -n $views -l sort -x -d 'column to sort by'
complete -c rota -n $views -l worst -x -d 'longest waits to show'
complete -c rota -n $views -l rows -x -d 'rows of a table to show'
complete -c rota -n $views -l explain -d 'one plain sentence after each line'
complete -c rota -n $views -l timeline -a 'thread p goroutine all' -d 'draw who ran where'
complete -c rota -n $views -l bottle -d 'draw threads by what they held up'
complete -c rota -n '__fish_seen_subcommand_from stat report topology doctor demo' -l json -d 'one JSON object'
complete -c rota -n $views -l width -x -d 'width of the report'

complete -c rota -n '__fish_seen_subcommand_from report' -l by -x -a 'thread cpu core process syscall wakeup blocked lock goroutine go-function go-wait runtime' -d 'table to show'
complete -c rota -n '__fish_seen_subcommand_from report' -l csv -d 'a table as CSV'
complete -c rota -n '__fish_seen_subcommand_from report' -l check -d 'check the conservation laws'
complete -c rota -n '__fish_seen_subcommand_from report' -l from -x -d 'begin here'
complete -c rota -n '__fish_seen_subcommand_from report' -l to -x -d 'end here'
complete -c rota -n '__fish_seen_subcommand_from report export' -a '(__fish_complete_suffix .rota)' -d recording
complete -c rota -n '__fish_seen_subcommand_from export' -l to -x -a folded -d 'format'
complete -c rota -n '__fish_seen_subcommand_from export' -l state -x -a 'running blocked runnable' -d 'of what'
complete -c rota -n '__fish_seen_subcommand_from export' -l level -x -d 'only while so many ran at once'
complete -c rota -n '__fish_seen_subcommand_from export' -l from -x -d 'begin here'
complete -c rota -n '__fish_seen_subcommand_from export' -l until -x -d 'end here'
complete -c rota -n '__fish_seen_subcommand_from demo' -a 'sleepers turns parallel full crowd neighbours quota convoy pipeline readers journal siblings seats phases'
complete -c rota -n '__fish_seen_subcommand_from help' -a "$commands"
complete -c rota -s h -l help -d 'summary of the options'
