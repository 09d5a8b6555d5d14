#include "actors/sharing.hpp"

#include <caf/policy/work_sharing.hpp>
#include <caf/resumable.hpp>
#include <caf/scheduler/coordinator.hpp>
#include <mutex>

#include "actors/last_act.hpp"

namespace agentpool::actors {

namespace {

class sparing : public caf::policy::work_sharing {
 public:
  /// By the job that this worker runs.
  template <class Worker>
  void internal_enqueue(Worker* self, caf::resumable* job) {
    put(self, job, last_act::under_way());
  }
  /// The job had its turn: this worker looks for work at once.
  template <class Worker>
  void resume_job_later(Worker* self, caf::resumable* job) {
    put(self, job, true);
  }

 private:
  /// An empty queue's only job needs no other worker where this one comes back at once. Woken is
  /// who finds the lock free: the workers end before what they share.
  template <class Worker>
  static void put(Worker* self, caf::resumable* job, bool comes_back) {
    queue_type one{job};
    auto& shared = d(self->parent());
    bool wakes = true;
    {
      const std::lock_guard guard{shared.lock};
      wakes = !comes_back || !shared.queue.empty();
      shared.queue.splice(shared.queue.end(), one);
    }
    if (wakes) shared.cv.notify_one();
  }
};

}  // namespace

caf::actor_system::module* sharing(caf::actor_system& system) {
  return new caf::scheduler::coordinator<sparing>{system};
}

}  // namespace agentpool::actors
