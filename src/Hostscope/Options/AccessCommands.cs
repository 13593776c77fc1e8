using System.CommandLine;
using Hostscope.Access;
using Hostscope.Roles;

namespace Hostscope.Options;

/// <summary>The commands <c>user</c> and <c>token</c>: who may look, in the users file.</summary>
internal static class AccessCommands
{
    /// <summary>Adds them.</summary>
    /// <param name="root">The program.</param>
    /// <param name="usersFile">Finds the users file by the settings of a command line.</param>
    public static void AddTo(RootCommand root, Func<ParseResult, string> usersFile)
    {
        root.Add(Users(usersFile));
        root.Add(Tokens(usersFile));
    }

    private static Command Users(Func<ParseResult, string> usersFile)
    {
        var name = new Argument<string>("name") { Description = "The user's name." };
        var role = new Option<string>("--role")
        {
            Description = $"What the user may see: {AccessNames.AllRoles}.",
            HelpName = "ROLE",
            DefaultValueFactory = _ => AccessNames.NameOf(Access.Role.Operator),
        };
        const string Asks = " Asks for the password, or reads it from standard input.";
        return new Command("user", "Lists and changes who may log in.")
        {
            Run(new Command("add", "Adds a user." + Asks) { name, role }, usersFile, (result, admin) =>
                admin.AddUser(result.GetRequiredValue(name), result.GetRequiredValue(role))),
            Run(new Command("passwd", "Changes a user's password; ends the user's sessions." + Asks) { name },
                usersFile, (result, admin) => admin.SetPassword(result.GetRequiredValue(name))),
            Run(new Command("remove", "Removes a user; ends the user's sessions.") { name }, usersFile,
                (result, admin) => admin.RemoveUser(result.GetRequiredValue(name))),
            Run(new Command("list", "Lists users and roles."), usersFile, (_, admin) => admin.ListUsers()),
        };
    }

    private static Command Tokens(Func<ParseResult, string> usersFile)
    {
        var name = new Argument<string>("name") { Description = "What the token is called." };
        var scopes = new Option<string[]>("--scope")
        {
            Description = $"What it may do: {AccessNames.AllScopes}; may be given several times.",
            HelpName = "SCOPE",
            Required = true,
        };
        var days = new Option<string>("--days")
        {
            Description = "Days until it ends, 1 to 3650, or never. Default: 365.",
            HelpName = "DAYS",
            DefaultValueFactory = _ => "365",
        };
        return new Command("token", "Lists and changes tokens for scripts and Prometheus.")
        {
            Run(new Command("add", "Makes a token and prints it, once: only its hash is kept.") { name, scopes, days },
                usersFile,
                (result, admin) => admin.AddToken(
                    result.GetRequiredValue(name), result.GetRequiredValue(scopes), result.GetRequiredValue(days))),
            Run(new Command("remove", "Removes a token; it opens nothing within two seconds.") { name }, usersFile,
                (result, admin) => admin.RemoveToken(result.GetRequiredValue(name))),
            Run(new Command("list", "Lists tokens, scopes and ends."), usersFile, (_, admin) => admin.ListTokens()),
        };
    }

    private static Command Run(
        Command command, Func<ParseResult, string> usersFile, Action<ParseResult, AccessAdmin> action)
    {
        command.SetAction(result =>
        {
            try
            {
                var console = result.InvocationConfiguration;
                action(result, new AccessAdmin(usersFile(result), TimeProvider.System, console.Output, console.Error));
                return ExitCode.Success;
            }
            catch (AccessFileException problem)
            {
                throw new StartRefusedException(ExitCode.Configuration, problem.Message);
            }
        });
        return command;
    }
}
