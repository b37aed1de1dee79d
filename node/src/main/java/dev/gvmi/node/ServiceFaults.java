package dev.gvmi.node;

import dev.gvmi.node.control.ServiceException;
import dev.gvmi.node.store.StoreException;
import java.util.function.Supplier;

/** The one place where a fault of the store becomes one of the service. */
final class ServiceFaults {
  private ServiceFaults() {}

  static ServiceException of(StoreException fault) {
    ServiceException.Kind kind =
        switch (fault.kind()) {
          case UNUSABLE, IN_USE -> ServiceException.Kind.USAGE;
          case NO_SPACE -> ServiceException.Kind.NO_SPACE;
          case IO -> ServiceException.Kind.INTERNAL;
        };
    return new ServiceException(kind, String.valueOf(fault.getMessage()), fault);
  }

  static <T> T mapping(Supplier<T> call) {
    try {
      return call.get();
    } catch (StoreException e) {
      throw of(e);
    }
  }
}
