# Completion of hostscope(8) for bash; the words are those of `hostscope --help`.
_hostscope() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    COMPREPLY=()
    case $before in
        @FILE_WORDS@)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -f -- "$word")
            return
            ;;
        @DIRECTORY_WORDS@)
            compopt -o filenames
            mapfile -t COMPREPLY < <(compgen -d -- "$word")
            return
            ;;
        @FLAG_WORDS@) ;;
        --*) return ;; # A value that nobody but the operator knows.
    esac
    if [[ $word == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W '@OPTION_WORDS@' -- "$word")
    else
        mapfile -t COMPREPLY < <(compgen -W '@COMMAND_WORDS@' -- "$word")
    fi
}
complete -F _hostscope hostscope
