using System.CommandLine;

namespace Hostscope.Options;

/// <summary>Finds what was given on a command line, and in the environment and the file besides.</summary>
/// <param name="result">The command line.</param>
internal delegate OptionsLoader SettingsLoader(ParseResult result);

/// <summary>What the program does with checked settings.</summary>
/// <param name="options">The settings.</param>
/// <param name="output">Standard output.</param>
/// <param name="error">Standard error.</param>
internal delegate Task Role(HostscopeOptions options, TextWriter output, TextWriter error);

/// <summary>The command line, made from the table of settings.</summary>
internal static class CommandLine
{
    private const string Name = "hostscope";

    /// <summary>Runs the program.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="serve">The role of <c>hostscope serve</c>; gets its options, stdout and stderr.</param>
    /// <param name="others">Make the other commands; get what understands the settings.</param>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        string[] arguments,
        Role serve,
        params IReadOnlyList<Func<SettingsLoader, Command>> others)
    {
        // Signals are the host's business, and an exception is a line of ours, not a stack trace on the terminal.
        var invocation = new InvocationConfiguration
        {
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        };
        var parsing = new ParserConfiguration { ResponseFileTokenReplacer = null };
        var result = Define(serve, others).Parse(arguments, parsing);
        try
        {
            return result.Errors.Count == 0
                ? await result.InvokeAsync(invocation).ConfigureAwait(false)
                : throw new StartRefusedException(ExitCode.Usage, Describe(result));
        }
        catch (StartRefusedException refused)
        {
            await invocation.Error.WriteLineAsync($"{Name}: {refused.Message}").ConfigureAwait(false);
            return refused.ExitCode;
        }
        catch (Exception bug)
        {
            await invocation.Error.WriteLineAsync($"{Name}: BUG: {bug}").ConfigureAwait(false);
            return ExitCode.Software;
        }
    }

    private static RootCommand Define(Role serve, IReadOnlyList<Func<SettingsLoader, Command>> others)
    {
        var options = Settings.All.ToDictionary(setting => setting, Option);
        var root = new RootCommand("Shows this machine second by second in a browser. Without a command: serve.");
        var serveCommand = new Command("serve", "Samples this machine and serves its page.");
        foreach (var option in options.Values)
        {
            root.Add(option);
        }

        root.Add(serveCommand);
        AccessCommands.AddTo(root, result => Find(result).UsersFile());
        foreach (var command in new[] { root, serveCommand })
        {
            command.SetAction(async (result, _) =>
            {
                var streams = result.InvocationConfiguration;
                await serve(Find(result).Load(), streams.Output, streams.Error).ConfigureAwait(false);
                return ExitCode.Success;
            });
        }

        foreach (var define in others)
        {
            root.Add(define(Find));
        }

        return root;

        OptionsLoader Find(ParseResult result) =>
            new(FromCommandLine(result, options), Environment.GetEnvironmentVariables());
    }

    private static Option Option(Setting setting)
    {
        if (setting.Shape == SettingShape.Flag)
        {
            return new Option<bool>(setting.Option)
            {
                Description = setting.Help,
                Recursive = true,
                Hidden = setting.IsRare,
            };
        }

        return new Option<string[]>(setting.Option)
        {
            Description = setting.Help,
            HelpName = setting.Value,
            Recursive = true,
            Hidden = setting.IsRare,
            AllowMultipleArgumentsPerToken = false,
            Arity = ArgumentArity.OneOrMore,
        };
    }

    private static Dictionary<Setting, Given> FromCommandLine(
        ParseResult result, Dictionary<Setting, Option> options)
    {
        var given = new Dictionary<Setting, Given>();
        foreach (var (setting, option) in options)
        {
            if (result.GetResult(option) is not { Implicit: false } found)
            {
                continue;
            }

            string[] values = setting.Shape == SettingShape.Flag
                ? [result.GetValue((Option<bool>)option) ? "true" : "false"]
                : [.. found.Tokens.Select(token => token.Value)];
            given.Add(setting, new Given(values, setting.Option, ExitCode.Usage));
        }

        return given;
    }

    private static string Describe(ParseResult result)
    {
        const string SeeHelp = "see 'hostscope --help'";
        if (result.UnmatchedTokens is [var token, ..])
        {
            var kind = token.StartsWith('-') ? "option" : "command or argument";
            var hint = Settings.DidYouMean(token, Settings.All.Select(setting => setting.Option));
            return $"unknown {kind} '{token}'{(hint.Length > 0 ? hint : "; " + SeeHelp)}";
        }

        return $"{result.Errors[0].Message.TrimEnd('.')}; {SeeHelp}";
    }
}
