using CsCheck;

namespace Hostscope.Model.Tests;

/// <summary>
/// Goal: the rates of cgroups are right, or absent, whichever groups come and go. Method: generated pairs of tables
/// against a search by path for each row.
/// </summary>
public sealed class DeriveCgroupsTests
{
    private const long Second = 1_000_000_000;

    [Fact]
    public void Each_rate_is_in_its_unit()
    {
        var before = CgroupSample.AllAbsent(new CgroupInfo("/a", "a", CgroupKind.Group));
        before.CpuUsageUs = 1_000_000;
        before.ThrottledUs = 0;
        before.ReadBytes = 100;
        before.CpuStallUs = 5;
        before.IoStallUs = 0;
        var after = before;
        after.CpuUsageUs = 4_000_000;
        after.ThrottledUs = 500_000;
        after.ReadBytes = 4_100;
        after.CpuStallUs = 200_005;
        after.IoStallUs = 2_000_001;

        var rates = DeriveCgroups.Between(before, after, 2 * Second);
        Assert.Equal(1.5, rates.CpuCores, 9);
        Assert.Equal(0.25, rates.ThrottledShare, 9);
        Assert.Equal(2_000, rates.ReadBytesPerSecond, 9);
        Assert.Equal(0.1, rates.CpuStallShare, 9);
        Assert.Equal(1, rates.IoStallShare);
        Assert.True(double.IsNaN(rates.WriteBytesPerSecond));
        Assert.True(double.IsNaN(rates.MemoryStallShare));
    }

    [Fact]
    public void Without_an_earlier_table_every_rate_is_absent()
    {
        var rates = new CgroupRates[1];
        DeriveCgroups.Rates(null, Table(0, [("/a", 5L)]), rates);
        Assert.True(double.IsNaN(rates[0].CpuCores));
    }

    [Fact]
    public void Groups_are_matched_by_path_whichever_came_and_went()
    {
        string[] names = ["/", "/a", "/a-b", "/a/b", "/a/b/c", "/b", "/Z", "/é", "/a.b"];
        var groups = Gen.Select(Gen.Int[0, names.Length - 1].Select(i => names[i]), Gen.Long[0, 1000]).Array[0, 9]
            .Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToArray());
        Gen.Select(groups, groups).Sample((before, after) =>
        {
            var rates = new CgroupRates[after.Length];
            var current = Table(Second, after);
            DeriveCgroups.Rates(Table(0, before), current, rates);
            for (var i = 0; i < rates.Length; i++)
            {
                var path = current.Rows[i].Info.Path;
                var earlier = before.Where(pair => pair.Item1 == path).Select(pair => pair.Item2).ToList();
                var expected = earlier.Count == 0
                    ? double.NaN
                    : Derive.Rate(earlier[0], current.Rows[i].CpuUsageUs, Second, 1_000_000);
                if (!expected.Equals(rates[i].CpuCores))
                {
                    return false;
                }
            }

            return true;
        });
    }

    private static CgroupTable Table(long monotonicNs, (string Path, long UsageUs)[] groups)
    {
        var table = new CgroupTable { MonotonicNs = monotonicNs };
        foreach (var (path, usage) in groups.OrderBy(group => group.Path, StringComparer.Ordinal))
        {
            var row = CgroupSample.AllAbsent(new CgroupInfo(path, path, CgroupKind.Group));
            row.CpuUsageUs = usage;
            table.Add(row);
        }

        return table;
    }
}
