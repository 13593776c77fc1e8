using System.CommandLine;
using System.Globalization;
using System.Net;
using Hostscope.Bus;
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
    public static Command Define(SettingsLoader load)
    {
        var file = new Argument<string>("file") { Description = "A file of /api/v1/hosts/local/export?format=hscope." };
        var command = new Command("open", "Serves an exported range of some host's history, read-only.") { file };
        command.SetAction(async (result, _) =>
        {
            var streams = result.InvocationConfiguration;
            var options = load(result).LoadBesideService();
            await RunAsync(options, result.GetRequiredValue(file), streams.Output, streams.Error)
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

        Serving.EnsureFree(options);
        var clock = TimeProvider.System;
        using var file = Open(path, clock);
        using var log = LogConfig.Start(options.LogConfig, clock, error);
        var status = await file.History.StatusAsync(CancellationToken.None).ConfigureAwait(false);
        var bus = new InProcessBus();
        bus.Announce(new HostState(file.Host, (int)status.Tiers[0].ResolutionMs, []));
        await using var app = Serving.Build(
            options, file.Host.Id, log, clock,
            services => services.AddSingleton<IFrameBus>(bus).AddSingleton<IHistories>(file));
        await Serving.RunAsync(app, options, addresses =>
        {
            Serving.Logger(app).Serving(Serving.Version, file.Host.Name, file.Host.Id, addresses);
            return output.WriteLineAsync(
                $"Hostscope {Serving.Version} is showing {file.Host.Name}, {Date(file.FromMs)} to {Date(file.ToMs)}, "
                + $"at {addresses}");
        }).ConfigureAwait(false);
    }

    private static RecordedFile Open(string path, TimeProvider clock)
    {
        if (!Given.IsPath(path))
        {
            throw new StartRefusedException(ExitCode.Usage, $"'{path}' is not allowed; give the path of an export");
        }

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
