package dev.gvmi.node.registry;

import java.time.Duration;

/**
 * What the registry face takes on.
 *
 * @param chunks of one image, as Golem's registry has it
 * @param chunkBytes of one chunk
 * @param uploads that are not finished, at one time
 * @param formBytes of a form beside its file
 * @param fieldBytes of one text of a form
 * @param fields of a form
 * @param tags that point to images
 * @param descriptors that are remembered, the latest
 * @param refusals of uploads that are remembered, the latest
 * @param provenClients whose token was right of late
 * @param questions to the upstream registry at one time
 * @param answers of the upstream registry that are remembered
 * @param patience with the upstream registry
 * @param provenFor how long a client may push after its token was right
 * @param knownFor how long an answer of the upstream registry holds
 * @param unknownFor how long it holds if there is no such image, or no answer
 * @param staleFor how long an old answer is better than none
 */
record RegistryLimits(
    int chunks,
    long chunkBytes,
    int uploads,
    int formBytes,
    int fieldBytes,
    int fields,
    int tags,
    int descriptors,
    int refusals,
    int provenClients,
    int questions,
    int answers,
    Duration patience,
    Duration provenFor,
    Duration knownFor,
    Duration unknownFor,
    Duration staleFor) {
  static final RegistryLimits DEFAULT =
      new RegistryLimits(
          1000,
          100L << 20,
          32,
          64 << 10,
          1024,
          16,
          10_000,
          10_000,
          64,
          256,
          32,
          1024,
          Duration.ofSeconds(4),
          Duration.ofHours(1),
          Duration.ofSeconds(60),
          Duration.ofSeconds(10),
          Duration.ofDays(1));
}
