using System.CommandLine;
using System.Globalization;
using System.Net;
using Hostscope.Bus;
using Hostscope.Gateway;
using Hostscope.Logging;
using Hostscope.Options;
using Hostscope.Recorder;

namespace Hostscope.Roles;

/// <summary>
/// <c>hostscope open FILE.hscope</c>: serves what was exported from some host like a host, read-only. Nothing is
/// sampled and nothing is kept.
/// </summary>
internal static class OpenCommand
{
    /// <summary>Makes the command.</summary>
    /// <param name="load">Understands the settings.</param>
    public static Command Define(Func<ParseResult, HostscopeOptions> load)
    {
        var file = new Argument<string>("file") { Description = "A file of /api/v1/hosts/local/export?format=hscope." };
        var command = new Command("open", "Serves an exported range of some host's history, read-only.") { file };
        command.SetAction(async (result, _) =>
        {
            var streams = result.InvocationConfiguration;
            await RunAsync(load(result), result.GetRequiredValue(file), streams.Output, streams.Error)
                .ConfigureAwait(false);
            return ExitCode.Success;
        });
        return command;
    }

    private static async Task RunAsync(HostscopeOptions options, string path, TextWriter output, TextWriter error)
    {
        // The usual port is likely to be that of the Hostscope that watches this machine.
        if (ReferenceEquals(options.Listen[0], ListenAddress.Default))
        {
            options = options with { Listen = [new ListenAddress(IPAddress.Loopback, 0)] };
        }

        var clock = TimeProvider.System;
        using var file = Open(path, clock);
        using var log = LogConfig.Start(options.LogConfig, clock, error);
        var status = await file.History.StatusAsync(CancellationToken.None).ConfigureAwait(false);
        var bus = new InProcessBus();
        bus.Announce(new HostState(file.Host, (int)status.Tiers[0].ResolutionMs, []));
        var builder = Solo.Builder(options, log, clock);
        builder.Services
            .AddRoutingCore()
            .AddSingleton(clock)
            .AddSingleton<IFrameBus>(bus)
            .AddSingleton<IHistories>(file)
            .AddHostscopeGateway(gateway => Solo.Configure(gateway, options, file.Host.Id));
        await using var app = builder.Build();
        app.MapHostscopeGateway();
        await Solo.StartAsync(app, options.Listen).ConfigureAwait(false);
        await output.WriteLineAsync(
            $"Hostscope {Solo.Version} is showing {file.Host.Name}, {Date(file.FromMs)} to {Date(file.ToMs)}, at "
            + string.Join(" and ", app.Urls)).ConfigureAwait(false);
        await app.WaitForShutdownAsync().ConfigureAwait(false);
    }

    private static RecordedFile Open(string path, TimeProvider clock)
    {
        try
        {
            return RecordedFile.Open(path, clock);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException(ExitCode.Usage, exception.Message.TrimEnd('.'));
        }
    }

    private static string Date(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs)
        .ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
