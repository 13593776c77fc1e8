using System.Buffers;

namespace Hostscope.Collectors.Processes;

/// <summary>
/// Turns the command line of a process into a text that may be shown and kept: its arguments, separated by blanks, with
/// secrets replaced by <c>***</c>. It works on the arguments as the process got them and not on a joined text, walks
/// each once from left to right, and looks at a bounded part. What it masks:
/// the value of an option, variable or parameter whose name says that it is a secret (<see cref="SecretKeys"/>);
/// passwords in addresses; the options of programs that are known to take one (<see cref="SecretTools"/>); and whatever
/// looks like a secret (<see cref="SecretShapes"/>). In doubt it masks.
/// </summary>
/// <remarks>Documentation/filesystems/proc.rst: /proc/PID/cmdline holds the arguments, each with a NUL byte behind it.
/// A process can overwrite them, and servers do so to say what they are at, in one text with blanks:
/// <code>
/// mysql\0-h\0db\0-phunter2\0
/// nginx: worker process\0\0\0\0\0
/// </code>
/// </remarks>
internal sealed class ArgumentMask
{
    /// <summary>Longest command line looked at, bytes; what is beyond is an ellipsis.</summary>
    public const int MaxBytes = 4096;

    /// <summary>Most arguments looked at, the program's name included.</summary>
    public const int MaxArguments = 64;

    /// <summary>A script within a script within a script is as deep as quotes reach.</summary>
    private const int MaxScriptDepth = 4;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);
    private static readonly SearchValues<byte> IdDigits = SearchValues.Create("0123456789:"u8);

    private readonly MaskedText _text = new();
    private Tool? _tool;
    private bool _isAfterLogin;
    private bool _isAfterSet;
    private Expect _expect;
    private KeyKind _expectKind;
    private int _wordsBeforeSecret;
    private int _scriptDepth;

    /// <summary>Makes the text of a command line.</summary>
    /// <param name="commandLine">
    /// The first bytes of /proc/PID/cmdline, one more than <see cref="MaxBytes"/> when there are more.
    /// </param>
    /// <returns>The arguments without the first, printable; empty when there are none.</returns>
    public string Mask(ReadOnlySpan<byte> commandLine)
    {
        var isCut = commandLine.Length > MaxBytes;
        var line = isCut ? CutAtWord(commandLine[..MaxBytes]) : commandLine;
        line = line.TrimEnd((byte)0);
        _text.Clear();
        _scriptDepth = 0;
        Begin();
        var end = line.IndexOf((byte)0);
        if (end < 0)
        {
            MaskTitle(line);
        }
        else
        {
            NoteWord(line[..end]);
            isCut |= MaskArguments(line[(end + 1)..]);
        }

        return _text.Finish(isCut, MaxBytes);
    }

    /// <summary>
    /// What was cut may be half a secret without its name: the last whole word is the last that is shown.
    /// </summary>
    private static ReadOnlySpan<byte> CutAtWord(ReadOnlySpan<byte> line) =>
        line[..(line.LastIndexOfAny("\0 \t\n"u8) + 1)];

    private void Begin()
    {
        _tool = null;
        _isAfterLogin = false;
        _isAfterSet = false;
        _expect = Expect.Nothing;
        _wordsBeforeSecret = -1;
    }

    /// <summary>One text with blanks is what a server says of itself, or a command line with its NULs lost.</summary>
    private void MaskTitle(ReadOnlySpan<byte> title)
    {
        var end = title.IndexOf((byte)' ');
        if (end >= 0)
        {
            NoteWord(title[..end]);
            MaskScript(title[(end + 1)..].TrimStart((byte)' '));
        }
    }

    /// <returns>True when there were more arguments than are looked at.</returns>
    private bool MaskArguments(ReadOnlySpan<byte> arguments)
    {
        for (var count = 1; ; count++)
        {
            if (count == MaxArguments)
            {
                return true;
            }

            var end = arguments.IndexOf((byte)0);
            MaskArgument(end < 0 ? arguments : arguments[..end]);
            if (end < 0)
            {
                return false;
            }

            _text.Append((byte)' ');
            arguments = arguments[(end + 1)..];
        }
    }

    private void MaskArgument(ReadOnlySpan<byte> argument)
    {
        var expect = _expect;
        _expect = Expect.Nothing;
        if (argument.IsEmpty || (expect != Expect.Nothing && MaskExpected(expect, argument)))
        {
            return;
        }

        if (argument[0] is (byte)'-' or (byte)'/' && TryOption(argument, out var valueAt, out var value))
        {
            _text.Append(argument[..valueAt]);
            if (valueAt == argument.Length)
            {
                _expect = value;
                _expectKind = KeyKind.Secret;
            }
            else if (!MaskExpected(value, argument[valueAt..]))
            {
                _text.Append(argument[valueAt..]);
            }

            return;
        }

        if (argument[0] == '-' || _isAfterSet)
        {
            // npm config set //registry.npmjs.org/:_authToken VALUE
            var name = _isAfterSet ? argument[(argument.LastIndexOfAny("/:"u8) + 1)..] : argument;
            _isAfterSet = false;
            if (IsName(name) && SecretKeys.KindOf(name) is var kind and not KeyKind.Plain)
            {
                _text.Append(argument);
                _expect = Expect.Secret;
                _expectKind = kind;
                return;
            }
        }

        if (argument[0] != '-' && NoteWord(argument))
        {
            _text.AppendMask();
            return;
        }

        if (IsScript(argument))
        {
            MaskScript(argument);
            return;
        }

        if (_tool is { NamesAreHashes: true } && IsHash(argument))
        {
            _text.Append(argument);
        }
        else if (argument[0] == '-' || _tool is null or { Word: Expect.Nothing } || !MaskExpected(_tool.Word, argument))
        {
            _text.AppendMasked(argument);
        }
    }

    /// <summary>Finds the option of the program at hand, or one that means the same in all of them.</summary>
    private bool TryOption(ReadOnlySpan<byte> argument, out int valueAt, out Expect value) =>
        ((_tool is { AfterLogin: false } || _isAfterLogin) && _tool!.TryOption(argument, out valueAt, out value))
        || SecretTools.Any.TryOption(argument, out valueAt, out value);

    private static bool IsHash(ReadOnlySpan<byte> argument) =>
        argument.Length is 40 or 64 && !argument.ContainsAnyExcept(HexDigits);

    /// <summary>Masks a value of which it is known what it is; false when it is not that value.</summary>
    private bool MaskExpected(Expect expect, ReadOnlySpan<byte> value)
    {
        switch (expect)
        {
            case Expect.Secret:
                return MaskSecret(value);
            case Expect.Login:
                return MaskBehind(value, (byte)':');
            case Expect.LoginPercent:
                return MaskBehind(value, (byte)'%');
            case Expect.LoginComma:
                return MaskBehind(value, (byte)',');
            case Expect.Cookie:
                var isFile = !value.Contains((byte)'=');
                return !isFile && MaskBehind(value, (byte)'=');
            case Expect.Header:
                return MaskHeader(value);
            case Expect.Script:
                MaskScript(value);
                return true;
            case Expect.LoginSlash:
                return MaskBetween(value, (byte)'/', (byte)'@');
            default:
                return false;
        }
    }

    private bool MaskSecret(ReadOnlySpan<byte> value)
    {
        // The option was a switch after all: another option follows it.
        if (value[0] == '-' && value.Length > 1 && IsName(value)
            && (value[1] == '-' || value.Length == 2 || _expectKind != KeyKind.Secret
                || SecretKeys.KindOf(value) != KeyKind.Plain))
        {
            return false;
        }

        if (SecretKeys.IsHarmless(_expectKind, value))
        {
            _text.Append(value);
            return true;
        }

        // openssl -passin pass:hunter2, env:NAME, file:PATH, fd:NUMBER
        if (value.StartsWith("pass:"u8))
        {
            _text.Append("pass:"u8);
        }
        else if (value.StartsWith("env:"u8) || value.StartsWith("file:"u8) || value.StartsWith("fd:"u8))
        {
            _text.Append(value);
            return true;
        }

        _text.AppendMask();
        return true;
    }

    private bool MaskBehind(ReadOnlySpan<byte> value, byte separator)
    {
        var at = value.IndexOf(separator);
        if (at < 0)
        {
            return false;
        }

        // docker run --user 1000:1000 and nginx:nginx are a user and its group.
        var behind = value[(at + 1)..];
        if (behind.SequenceEqual(value[..at]) || (at > 0 && !value.ContainsAnyExcept(IdDigits)))
        {
            return false;
        }

        // curl -u TOKEN: has its secret where the user's name stands.
        if (behind.IsEmpty)
        {
            _text.AppendMask();
            _text.Append(separator);
            return true;
        }

        _text.Append(value[..(at + 1)]);
        _text.AppendMask();
        return true;
    }

    private bool MaskBetween(ReadOnlySpan<byte> value, byte first, byte last)
    {
        var at = value.IndexOf(first);
        if (at <= 0 || at == value.Length - 1)
        {
            return false;
        }

        var end = value.LastIndexOf(last);
        _text.Append(value[..(at + 1)]);
        _text.AppendMask();
        _text.Append(end > at ? value[end..] : default);
        return true;
    }

    private bool MaskHeader(ReadOnlySpan<byte> header)
    {
        var colon = header.IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }

        var name = header[..colon].Trim(" '\""u8);
        if (SecretKeys.KindOf(name) == KeyKind.Plain && !name.EndsWith("ookie"u8))
        {
            return false;
        }

        _text.Append(header[..(colon + 1)]);
        _text.Append((byte)' ');
        _text.AppendMask();
        return true;
    }

    /// <summary>
    /// Takes notice of a word that is no option: it may be the program that the next options belong to.
    /// </summary>
    /// <returns>True when the word is a secret by its place.</returns>
    private bool NoteWord(ReadOnlySpan<byte> word)
    {
        var isSecret = _wordsBeforeSecret == 0;
        _wordsBeforeSecret = Math.Max(-1, _wordsBeforeSecret - 1);
        if (isSecret)
        {
            return true;
        }

        if (SecretTools.Find(word) is { } tool)
        {
            _tool = tool;
            _isAfterLogin = false;
        }

        if (_wordsBeforeSecret < 0)
        {
            _wordsBeforeSecret = SecretTools.WordsBeforeSecret(word, _tool);
        }

        _isAfterLogin |= word.SequenceEqual("login"u8) && _tool is not null;
        _isAfterSet = word.SequenceEqual("set"u8) || word.SequenceEqual("add"u8) || word.SequenceEqual("config"u8);
        return false;
    }

    private bool IsScript(ReadOnlySpan<byte> argument)
    {
        if (_scriptDepth >= MaxScriptDepth)
        {
            return false;
        }

        // ssh HOST "mysql -phunter2": whoever runs it, words that begin with a known program or hold options are
        // commands.
        var blank = argument.IndexOf((byte)' ');
        return blank > 0 && (argument.IndexOf(" -"u8) >= 0 || SecretTools.Find(argument[..blank]) is not null);
    }

    /// <summary>Takes commands of a shell apart into words, quotes respected, and masks each as an argument.</summary>
    private void MaskScript(ReadOnlySpan<byte> script)
    {
        _scriptDepth++;
        var at = 0;
        while (at < script.Length)
        {
            if (IsDelimiter(script[at]))
            {
                if (script[at] is (byte)';' or (byte)'|' or (byte)'&' or (byte)'\n')
                {
                    Begin();
                }

                _text.Append(script[at++]);
                continue;
            }

            var end = EndOfWord(script, at);
            var word = script[at..end];
            var quote = word[0];
            if (quote is (byte)'\'' or (byte)'"' && word.Length > 1 && word[1..].IndexOf(quote) == word.Length - 2)
            {
                _text.Append(quote);
                MaskArgument(word[1..^1]);
                _text.Append(quote);
            }
            else
            {
                MaskArgument(word);
            }

            at = end;
        }

        _scriptDepth--;
    }

    private static int EndOfWord(ReadOnlySpan<byte> script, int at)
    {
        byte quote = 0;
        while (at < script.Length && (quote != 0 || !IsDelimiter(script[at])))
        {
            var character = script[at];
            if (character == '\\' && quote != '\'')
            {
                at++;
            }
            else if (character == quote)
            {
                quote = 0;
            }
            else if (quote == 0 && character is (byte)'\'' or (byte)'"')
            {
                quote = character;
            }

            at++;
        }

        return Math.Min(at, script.Length);
    }

    private static bool IsDelimiter(byte value) =>
        value is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)';' or (byte)'|' or (byte)'&' or (byte)'('
            or (byte)')' or (byte)'<' or (byte)'>';

    private static bool IsName(ReadOnlySpan<byte> argument)
    {
        foreach (var character in argument)
        {
            if (!char.IsAsciiLetterOrDigit((char)character) && character is not ((byte)'-' or (byte)'_' or (byte)'.'))
            {
                return false;
            }
        }

        return true;
    }
}
