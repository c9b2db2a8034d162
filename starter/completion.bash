
# What the package bash-completion is asked for above. Without it, as Macs and small images are, the two functions here do it.

# Sets cur, prev, words and cword: the words of the line up to the cursor, as they were typed. Bash breaks them at = and :, too.
__starter_words()
{
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref "$@"
        return
    fi
    local line=${COMP_LINE:0:COMP_POINT} word before="" i
    words=()
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        local apart=""
        if [[ $i -eq 0 || $line == [[:space:]]* || ($word != [=:]* && $before != *[=:]) ]]; then
            apart=yes
        fi
        line=${line#"${line%%[![:space:]]*}"}
        if ((i == COMP_CWORD)); then
            word=$line
        fi
        line=${line#*"$word"}
        if [[ $apart ]]; then
            words+=("$word")
        else
            words[${#words[@]}-1]+=$word
        fi
        before=$word
    done
    cword=$((${#words[@]} - 1))
    cur=${words[cword]}
    prev=""
    if ((cword > 0)); then
        prev=${words[cword-1]}
    fi
}

# Completes $cur as a folder, or as a file: any, or one whose name ends in one of $1 (yaml|json|).
__starter_files()
{
    if declare -F _filedir >/dev/null; then
        _filedir "$@"
        return
    fi
    if [[ $(type -t compopt) == builtin ]]; then
        compopt -o filenames
    fi
    local file kinds=${1%|}
    COMPREPLY=()
    while IFS= read -r file; do
        if [[ -d $file || $kinds != -d && (-z $kinds || $file =~ \.($kinds)$) ]]; then
            COMPREPLY+=("$file")
        fi
    done < <(compgen -f -- "$cur")
}
