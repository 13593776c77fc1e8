using Hostscope.Bus;
using Hostscope.Collectors;
using Hostscope.Collectors.Cgroups;
using Hostscope.Collectors.Processes;
using Hostscope.Model;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hostscope.Sampling;

/// <summary>Owns the one sampling thread: starts it with the host, stops and joins it when the host ends.</summary>
internal sealed class SamplerService : IHostedLifecycleService, IDisposable
{
    /// <summary>
    /// A tick takes a millisecond; what takes longer hangs in the kernel and is not worth waiting for.
    /// </summary>
    public static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    private readonly Sampler _sampler;
    private readonly EventPause _pause;
    private readonly CollectorContext _context;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;

    public SamplerService(
        HostInfo host,
        CollectorContext context,
        IReadOnlyList<ICollector> collectors,
        SamplingOptions options,
        IFrameBus bus,
        TimeProvider clock,
        ILogger logger)
    {
        _clock = clock;
        _logger = logger;
        _context = context;
        _pause = new EventPause(clock);
        _sampler = new Sampler(
            host,
            collectors,
            context.Builder,
            options,
            bus,
            clock,
            _pause,
            logger,
            new TableRuns(
                new ProcessCollector(context, new ProcessOptions { Tick = options.Interval }),
                new CgroupCollector(context),
                context.Builder,
                clock,
                logger));
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _sampler.Announce();
        _thread = new Thread(Run) { Name = "sampler", IsBackground = true };
        _thread.Start();
        return Task.CompletedTask;
    }

    /// <summary>Before anything else stops: what flows is shut at its source.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _pause.Stop();
        return Task.CompletedTask;
    }

    /// <summary>
    /// Not cancelled with the host's time: a thread that is not joined may still hold what others dispose.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _pause.Stop();
        if (_thread is null)
        {
            return;
        }

        try
        {
            await _ended.Task.WaitAsync(StopTimeout, _clock, CancellationToken.None).ConfigureAwait(false);
            _thread.Join();
        }
        catch (TimeoutException)
        {
            _logger.StopTimedOut(StopTimeout.TotalSeconds);
        }
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        // A thread that hangs still has the event in its hands; the process ends soon after.
        if (_thread is null || _ended.Task.IsCompleted)
        {
            _pause.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            _sampler.Run();
        }
        finally
        {
            _context.Dispose();
            _ended.SetResult();
        }
    }
}
