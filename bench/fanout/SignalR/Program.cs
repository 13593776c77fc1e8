using System.Globalization;
using Hostscope.Bench.SignalR;
using Microsoft.AspNetCore.SignalR;

// A SignalR hub as its documentation has it, that gives every client the same frame once a second: PORT BYTES.
var port = int.Parse(args[0], CultureInfo.InvariantCulture);
var values = Frame.ValuesFor(int.Parse(args[1], CultureInfo.InvariantCulture));
var builder = WebApplication.CreateSlimBuilder();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenLocalhost(port));
builder.Logging.ClearProviders();

// The load client sends no keep-alives.
builder.Services.AddSignalR(options => options.ClientTimeoutInterval = TimeSpan.FromMinutes(10));
await using var app = builder.Build();
app.MapHub<FrameHub>("/hub");
await app.StartAsync().ConfigureAwait(false);
var hub = app.Services.GetRequiredService<IHubContext<FrameHub>>();
using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
for (var seq = 1; await timer.WaitForNextTickAsync().ConfigureAwait(false); seq++)
{
    var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    await hub.Clients.All.SendAsync("frame", new Frame(seq, now, values)).ConfigureAwait(false);
}

namespace Hostscope.Bench.SignalR
{
    /// <summary>Clients only listen.</summary>
    internal sealed class FrameHub : Hub;

    /// <summary>A frame of about as many bytes as Hostscope's.</summary>
    internal sealed record Frame(long Seq, long T, double[] V)
    {
        private const int BytesOfAValue = 8;

        /// <summary>Values that make a frame of about so many bytes.</summary>
        public static double[] ValuesFor(int bytes) =>
            [.. Enumerable.Range(0, bytes / BytesOfAValue).Select(i => 0.10001 + (i % 89_998 / 100_000.0))];
    }
}
