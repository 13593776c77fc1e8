using Hostscope.Options;
using Hostscope.Roles;

return await CommandLine.RunAsync(
    args, serve: Solo.RunAsync, HealthCheck.Define, MarkCommand.Define, OpenCommand.Define);
