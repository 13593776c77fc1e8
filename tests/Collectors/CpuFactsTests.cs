namespace Hostscope.Collectors.Tests;

/// <summary>
/// Goal: each CPU counts once, whatever the file repeats; for each that tells too little, files are opened. Method: a
/// file with two paragraphs of one CPU.
/// </summary>
public sealed class CpuFactsTests
{
    [Fact]
    public void A_cpu_that_is_told_of_twice_is_one_and_what_was_said_first_counts()
    {
        var cpus = CpuFacts.Parse("""
            processor	: 0
            physical id	: 0
            core id		: 3

            processor	: 1
            physical id	: 1

            processor	: 0
            physical id	: 9
            core id		: 9

            """u8);
        Assert.Equal([new CpuFacts.LogicalCpu(0, 0, 3), new CpuFacts.LogicalCpu(1, 1, null)], cpus);
    }
}
