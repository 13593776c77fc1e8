using Hostscope.Options;
using Hostscope.Roles;

return await CommandLine.RunAsync(
    args, serve: Solo.RunAsync, health: HealthCheck.RunAsync, MarkCommand.Define, OpenCommand.Define);
