namespace Hostscope.Collectors.Cgroups;

/// <summary>
/// Gives the cgroups of containers the names that their engine knows. The engine is asked when a container without a
/// name is there, at most once in <see cref="MinPause"/>, while ticks go on: the sampling thread only looks whether the
/// answer has come. A container that was renamed has its new name after the next question.
/// </summary>
internal sealed class ContainerNames : ICollector, IDisposable
{
    /// <summary>Least time between two questions.</summary>
    public static readonly TimeSpan MinPause = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Answers in which a container may be missing until it is given up: the group is made before the engine lists it,
    /// and that of another engine is never listed.
    /// </summary>
    public const int MaxAnswersPerContainer = 3;

    private readonly ContainerEngine _engine;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private Dictionary<string, string> _names = [];
    private Task<EngineAnswer>? _asking;
    private CollectResult _result;
    private long _triedAt;
    private bool _hasTried;
    private bool _hasAsked;
    private bool _hasUnnamed;

    /// <param name="context">The host; ends what is being asked when it is disposed.</param>
    /// <param name="socket">Path of the engine's socket.</param>
    public ContainerNames(CollectorContext context, string socket)
    {
        _engine = new ContainerEngine(socket, context.Time);
        _time = context.Time;
        context.Keep(this);
    }

    /// <inheritdoc/>
    public string Name => "containers";

    /// <summary>True when nothing is being asked.</summary>
    internal bool IsIdle => _asking is null or { IsCompleted: true };

    /// <summary>How asking ended last. The work is done in <see cref="Apply"/>, which knows the groups.</summary>
    public CollectResult Collect() => _result;

    /// <summary>Names the groups whose names are known by now, and asks for the others.</summary>
    /// <param name="nodes">The groups.</param>
    /// <param name="isChanged">Whether groups came or went since the last call.</param>
    public void Apply(List<CgroupNode> nodes, bool isChanged)
    {
        var hasAnswer = TakeAnswer();
        if (hasAnswer || isChanged)
        {
            _hasUnnamed = false;
            foreach (var node in nodes)
            {
                if (node.ContainerId is not null)
                {
                    _hasUnnamed |= !TryName(node, hasAnswer);
                }
            }
        }

        Ask();
    }

    /// <summary>Ends what is being asked.</summary>
    public void Dispose()
    {
        _ended.Cancel();
        _ended.Dispose();
    }

    /// <returns>True when the engine has listed its containers.</returns>
    private bool TakeAnswer()
    {
        if (_asking is not { IsCompleted: true } asked)
        {
            return false;
        }

        _asking = null;
        if (!asked.IsCompletedSuccessfully)
        {
            var bug = asked.Exception?.InnerException;
            _result = CollectResult.Failed($"BUG: {bug?.GetType().Name} while asking for containers: {bug?.Message}");
            return false;
        }

        var answer = asked.Result;
        _result = answer.Result;
        _names = answer.Names ?? _names;
        return answer.Names is not null;
    }

    /// <returns>False when it is worth asking for the name.</returns>
    private bool TryName(CgroupNode node, bool hasAnswer)
    {
        if (_names.TryGetValue(node.ContainerId!, out var name))
        {
            node.Rename(name);
            return true;
        }

        node.MissedAnswers += hasAnswer ? 1 : 0;
        return node.IsRenamed || node.MissedAnswers >= MaxAnswersPerContainer;
    }

    /// <summary>
    /// Asks when there is a container to ask for. Where the engine is not reached, that is found at once and not only
    /// with the first container, and looked at again until it is.
    /// </summary>
    private void Ask()
    {
        if (_asking is not null)
        {
            return;
        }

        var now = _time.GetTimestamp();
        var isPauseOver = _time.GetElapsedTime(_triedAt, now) >= MinPause;
        if (_hasUnnamed && (isPauseOver || !_hasAsked))
        {
            _hasAsked = true;
            Try(now, _engine.AskAsync);
        }
        else if (!_hasTried || (isPauseOver && _result.Status != CollectStatus.Ok))
        {
            Try(now, _engine.ReachAsync);
        }
    }

    private void Try(long now, Func<CancellationToken, Task<EngineAnswer>> ask)
    {
        _hasTried = true;
        _triedAt = now;
        _asking = Task.Run(() => ask(_ended.Token));
    }
}
