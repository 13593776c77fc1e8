namespace Hostscope.Gateway.Prometheus;

/// <summary>
/// CPU used lately: what was used, with a half-life of a minute. Ranks what is busy now before what was busy once.
/// </summary>
internal struct Usage
{
    private const double HalfLifeNs = 60e9;

    /// <summary>The amount, in the unit of what was added.</summary>
    public double Amount { get; private set; }

    /// <summary>Lets time pass, then adds what was used in it.</summary>
    public void Add(double used, long elapsedNs) =>
        Amount = (Amount * Math.Pow(0.5, Math.Max(0, elapsedNs) / HalfLifeNs)) + Math.Max(0, used);
}
