using System.Net;
using Hostscope.Access;

namespace Hostscope.Gateway.Admission;

/// <summary>
/// Counts what each address has, so that one cannot take all places of others. Loopback has no limit: who is there is
/// on this machine, or stands behind a proxy that has limits of its own.
/// </summary>
/// <param name="most">Most that an address (in IPv6 a /64) may have.</param>
internal sealed class AddressShares(int most)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _taken = [];

    /// <summary>Takes one; false when the address has all that it may.</summary>
    public bool TryTake(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return true;
        }

        lock (_lock)
        {
            var key = AddressKey.Of(address);
            var taken = _taken.GetValueOrDefault(key);
            if (taken >= most)
            {
                return false;
            }

            _taken[key] = taken + 1;
            return true;
        }
    }

    /// <summary>Gives back one that was taken.</summary>
    public void GiveBack(IPAddress address)
    {
        if (IPAddress.IsLoopback(address))
        {
            return;
        }

        lock (_lock)
        {
            var key = AddressKey.Of(address);
            if (--_taken[key] == 0)
            {
                _taken.Remove(key);
            }
        }
    }
}
